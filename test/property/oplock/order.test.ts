import fc from 'fast-check';
import { compareBytes, compareOplocks, type Oplock } from '../../../src/oplock/order';
import { sortableSequence } from '../../../src/oplock/sequence';

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('a', 'b', '\u007f', '\u0080', '\ud7ff', '\ue000', '\uffff', '😀', '𐀀'), maxLength: 4 }));
const at = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.double({ min: 0, max: 2 ** 53, noNaN: true }));
const oplock = fc.record({ at, tie: text });

/** UTF-8 keeps the order of code points: an oracle that knows nothing of bytes. */
const compareCodePoints = (a: string, b: string): number => {
  const [x, y] = [[...a], [...b]].map((points) => points.map((point) => point.codePointAt(0) ?? 0)) as [number[], number[]];
  const differing = x.findIndex((point, i) => point !== y[i]);
  if (differing === -1) return x.length === y.length ? 0 : -1;
  const other = y[differing];
  return other === undefined ? 1 : Math.sign((x[differing] ?? 0) - other);
};

test('strings are compared by their UTF-8 bytes', () => {
  fc.assert(fc.property(text, text, (a, b) => {
    expect(compareBytes(a, b)).toBe(compareCodePoints(a, b));
  }), { numRuns: 1_000 });
});

test('oplocks have a total order: reflexive, antisymmetric, transitive', () => {
  fc.assert(fc.property(oplock, oplock, oplock, (a: Oplock, b: Oplock, c: Oplock) => {
    expect(compareOplocks(a, { ...a })).toBe(0);
    expect(compareOplocks(a, b) + compareOplocks(b, a)).toBe(0);
    if (compareOplocks(a, b) <= 0 && compareOplocks(b, c) <= 0) expect(compareOplocks(a, c)).toBeLessThanOrEqual(0);
    expect(compareOplocks(a, b) === 0).toBe(a.at === b.at && a.tie === b.tie);
  }), { numRuns: 1_000 });
});

test('sequences sort as the numbers do', () => {
  const number = fc.bigInt({ min: 0n, max: 10n ** 128n });
  fc.assert(fc.property(number, number, fc.nat(3), (a, b, zeros) => {
    const [x, y] = [sortableSequence('0'.repeat(zeros) + a), sortableSequence(String(b))];
    expect(compareBytes(x ?? '', y ?? '')).toBe(a < b ? -1 : a > b ? 1 : 0);
  }));
  expect(sortableSequence('12a')).toBeUndefined();
});
