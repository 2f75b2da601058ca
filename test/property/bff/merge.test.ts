import fc from 'fast-check';
import { changesBetween, merge } from '../../../src/bff';

/** Few names and few values, so that the sides meet. */
const items = fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'), fc.constantFrom<unknown>(
  0, 1, 'x', true, [1], { n: 1 }, new Set(['p', 'q']), new Set(['q', 'p']), Uint8Array.of(7),
));

describe('merge', () => {
  it('of one side that changed nothing is the other side', () => {
    fc.assert(fc.property(items, items, (base, theirs) => {
      expect(changesBetween(theirs, merge(base, base, theirs).merged)).toEqual({});
      expect(changesBetween(theirs, merge(base, theirs, base).merged)).toEqual({});
      expect(merge(base, base, theirs).unresolved).toEqual([]);
    }));
  });

  it('of two sides that did the same is either', () => {
    fc.assert(fc.property(items, items, (base, mine) => {
      expect(merge(base, mine, mine).unresolved).toEqual([]);
      expect(changesBetween(mine, merge(base, mine, mine).merged)).toEqual({});
    }));
  });

  it('does not depend on who is who', () => {
    fc.assert(fc.property(items, items, items, (base, mine, theirs) => {
      const [one, other] = [merge(base, mine, theirs), merge(base, theirs, mine)];
      expect(changesBetween(one.merged, other.merged)).toEqual({});
      expect(other.unresolved).toEqual(one.unresolved.map(({ field, base: before, mine: m, theirs: t }) => ({ field, base: before, mine: t, theirs: m })));
    }));
  });

  it('gives every field the value of a side that changed it, or leaves it and says so', () => {
    fc.assert(fc.property(items, items, items, (base, mine, theirs) => {
      const { merged, unresolved } = merge(base, mine, theirs);
      const open = new Set(unresolved.map(({ field }) => field));
      const changed = (side: object) => Object.keys(changesBetween<object>(base, side));
      const differ = new Set(Object.keys(changesBetween(mine, theirs)));
      const byBoth = changed(mine).filter((field) => changed(theirs).includes(field) && differ.has(field));
      expect([...open].sort()).toEqual(byBoth.sort());
      const closed = (side: object) => changed(side).filter((field) => !open.has(field));
      expect(Object.keys(changesBetween(merged, mine)).filter((field) => closed(mine).includes(field))).toEqual([]);
      expect(Object.keys(changesBetween(merged, theirs)).filter((field) => closed(theirs).includes(field))).toEqual([]);
      expect(Object.keys(changesBetween(merged, base)).filter((field) => open.has(field))).toEqual([]);
    }));
  });

  it('changes none of its arguments', () => {
    fc.assert(fc.property(items, items, items, (base, mine, theirs) => {
      merge(Object.freeze(base), Object.freeze(mine), Object.freeze(theirs));
    }));
  });
});

describe('changesBetween', () => {
  it('applied to the one makes the other', () => {
    fc.assert(fc.property(items, items, (current, next) => {
      const after = new Map(Object.entries(current));
      for (const [name, value] of Object.entries(changesBetween<object>(current, next))) {
        if (value === null) after.delete(name);
        else after.set(name, value);
      }
      expect(changesBetween<object>(Object.fromEntries(after), next)).toEqual({});
      expect([...after.keys()].sort()).toEqual(Object.keys(next).sort());
    }));
  });
});
