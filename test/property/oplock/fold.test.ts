import fc from 'fast-check';
import type { Attempt, Item, Result } from '../../../src/oplock/attempt/attempt';
import { compareOplocks } from '../../../src/oplock/order';
import { planItem } from '../../../src/oplock/plan/item';
import { runsOf } from '../../../src/oplock/plan/runs';
import { sharesOf } from '../../../src/oplock/plan/shares-of';
import { settingsOf } from '../../../src/oplock/settings';
import type { OplockOptions, Write } from '../../../src/oplock/write';
import { planned, single } from '../../support/plans';
import { T, uowOf } from '../../unit/oplock/uow';
import { send } from './model';

const KEY = { pk: 'thing-1', sk: 'thing' };
const ATTRIBUTES = ['a', 'b', 'c', 'd', 'e'];

/** Anything that events may say, partial as can be: whoever folds must not need events that are well made. */
interface Said {
  readonly id: number;
  readonly at: number;
  readonly tie: string | undefined;
  readonly set: Readonly<Record<string, unknown>>;
  readonly deletes: boolean;
}

const said: fc.Arbitrary<Said> = fc.record({
  id: fc.nat(12),
  at: fc.integer({ min: 0, max: 6 }),
  tie: fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constant('one tie for all') }),
  set: fc.dictionary(fc.constantFrom(...ATTRIBUTES), fc.oneof(fc.nat(9), fc.constant(undefined), fc.constant(null)), { maxKeys: 4, noNullPrototype: true }),
  deletes: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

/** The same id is the same event, with the same content: it came twice. */
const events = fc.array(said, { minLength: 1, maxLength: 7 }).map((all) => all.map((one) => all.find(({ id }) => id === one.id) as Said));

const GROUPS = { one: ['a', 'b'], two: ['c'] };
const OPTIONS: readonly OplockOptions[] = [{}, { groups: GROUPS }, { epoch: 2 }, { onUnversioned: 'reject' }];

const writesOf = (all: readonly Said[], options: OplockOptions): readonly Write[] => all.map(({ id, at, tie, set, deletes }) => planned(
  { key: KEY, ...(deletes ? { tombstone: true, ...(!options.groups && { set: {} }) } : { set }) },
  uowOf({ id: `e${id}`, timestamp: T + at }),
  { ...options, ...(tie !== undefined && { tie: () => tie }) },
));

/** What may be there before: nothing, or what somebody else has put there, and then the events of earlier batches. */
const BEGINNINGS: readonly (Item | undefined)[] = [undefined, { ...KEY, a: 'old', d: 'old' }, { ...KEY, a: 'old', timestamp: T + 3 }];

interface Played {
  readonly item: Item | undefined;
  /** What was there when the last request came. */
  readonly before: Item | undefined;
  readonly results: readonly Result[];
  readonly requests: number;
}

/** Until the table takes it, or nothing is left; between two requests others may write. */
const play = (writes: readonly Write[], stored: Item | undefined, options: OplockOptions, meanwhile: readonly Write[] = []): Played => {
  let attempt: Attempt = planItem(writes, settingsOf(options));
  let item = stored;
  for (let requests = 1; requests < 20; requests += 1) {
    const before = item;
    const answer = send(single(attempt), item);
    if (answer.applied) return { item: answer.item, before, results: attempt.results, requests };
    const next = attempt.afterRefusal({ item, companions: [] });
    if (next.kind === 'refused') return { item, before, results: next.results, requests };
    attempt = next;
    const other = meanwhile[requests - 1];
    if (other) item = play([other], item, options).item;
  }
  throw new Error('it never ends');
};

const oneByOne = (writes: readonly Write[], stored: Item | undefined, options: OplockOptions): Pick<Played, 'item' | 'results'> =>
  writes.reduce<Pick<Played, 'item' | 'results'>>(({ item, results }, write) => {
    const played = play([write], item, options);
    return { item: played.item, results: [...results, ...played.results] };
  }, { item: stored, results: [] });

const arbitrary = fc.record({ options: fc.constantFrom(...OPTIONS), beginning: fc.constantFrom(...BEGINNINGS), earlier: fc.array(said, { maxLength: 4 }), all: events })
  .map(({ options, beginning, earlier, all }) => {
    const writes = writesOf([...earlier, ...all], options);
    const known = writes.slice(0, earlier.length);
    return { options, stored: oneByOne(known, beginning, options).item, writes: writes.slice(earlier.length), runs: runsOf(writes.slice(earlier.length), (write) => write) };
  });

const inOrder = (writes: readonly Write[]): readonly Write[] => writes.toSorted((a, b) => compareOplocks(a.oplock, b.oplock));

/** By itself each event ends in what it would end in one after the other, but for what a newer one of the run has written instead. */
const expectConsistent = (run: readonly Write[], folded: readonly Result[], single: readonly Result[], options: OplockOptions): void => {
  const slotsOf = (write: Write) => sharesOf(write, settingsOf(options)).map(({ slot }) => slot.name);
  run.forEach((write, i) => {
    const [result, alone] = [folded[i] as Result, single[i] as Result];
    const newer = run.filter(({ oplock }) => compareOplocks(oplock, write.oplock) > 0);
    switch (result.kind) {
      case 'superseded': {
        const by = run.findIndex(({ eventId }) => eventId === result.by);
        expect(newer).toContain(run[by]);
        expect(['applied', 'narrowed']).toContain(folded[by]?.kind);
        // Whether it was there before, or is older than what was there, nobody has asked.
        return expect(['applied', 'narrowed', 'stale', 'tombstoned', 'duplicate']).toContain(alone.kind);
      }
      case 'applied':
        if (alone.kind === 'narrowed') return expect(newer.flatMap(slotsOf)).toEqual(expect.arrayContaining(Object.keys(alone.dropped)));
        return expect(alone).toEqual(result);
      case 'duplicate': {
        const twin = run.findIndex((other, at) => at < i && other.eventId === write.eventId);
        if (twin >= 0 && folded[twin]?.kind === 'superseded') return expect(['duplicate', 'stale', 'tombstoned']).toContain(alone.kind);
        return expect(alone).toEqual(result);
      }
      default: return expect(alone).toEqual(result);
    }
  });
};

const isRivalry = (runs: readonly (readonly Write[])[], writes: readonly Write[]): boolean =>
  runs.length === writes.length && writes.some((a) => writes.some((b) => a.eventId !== b.eventId && compareOplocks(a.oplock, b.oplock) === 0));

describe('a fold over any stored item', () => {
  test('leaves what its events leave one by one in the order of their oplocks, and each ends in what it would end in: 5,000 folds', () => {
    const met = new Set<string>();
    fc.assert(fc.property(arbitrary, ({ options, stored, writes, runs }) => {
      const expected = oneByOne(isRivalry(runs, writes) ? writes : inOrder(writes), stored, options);
      let item = stored;
      for (const run of runs) {
        const alone = oneByOne(run, item, options);
        const fold = play(run, item, options);
        expect(fold.item).toEqual(alone.item);
        expectConsistent(run, fold.results, alone.results, options);
        for (const { kind } of fold.results) met.add(`${run.length > 1 ? 'folded' : 'alone'} ${kind}`);
        item = fold.item;
      }
      expect(item).toEqual(expected.item);
    }), { numRuns: 5_000 });
    expect([...met].filter((one) => one.startsWith('folded')).sort()).toEqual(
      ['applied', 'conflict', 'duplicate', 'narrowed', 'stale', 'superseded', 'tombstoned'].map((kind) => `folded ${kind}`),
    );
  }, 120_000);

  test('is one request for each run when all of its events are newer than what is stored, and two runs at most', () => {
    fc.assert(fc.property(arbitrary, ({ options, writes, runs }) => {
      if (!isRivalry(runs, writes)) expect(runs.length).toBeLessThanOrEqual(2);
      let item: Item | undefined;
      if (isRivalry(runs, writes)) return;
      for (const run of runs) {
        const fold = play(run, item, options);
        expect(fold.requests).toBe(1);
        item = fold.item;
      }
    }), { numRuns: 2_000 });
  }, 60_000);

  test('leaves just that when others write between its requests, too', () => {
    let interrupted = 0;
    fc.assert(fc.property(arbitrary, events, ({ options, stored, runs }, others) => {
      const [run] = runs as readonly [readonly Write[]];
      const fold = play(run, stored, options, writesOf(others, options));
      if (fold.before !== stored) interrupted += 1;
      expect(fold.item).toEqual(oneByOne(run, fold.before, options).item);
    }), { numRuns: 3_000 });
    expect(interrupted).toBeGreaterThan(100);
  }, 60_000);
});
