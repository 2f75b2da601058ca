import fc from 'fast-check';
import { seededRandom } from '../../../src/replay/fixture/random';
import { cut, duplicate, inBatches, shuffle } from '../../../src/replay/fixture/reorder';
import { deliveryOrder } from '../../../src/replay/delivery-order';

const items = fc.array(fc.nat(), { maxLength: 60 }).map((numbers) => numbers.map((n, at) => ({ at, n })));
const seed = fc.integer();

describe('seededRandom', () => {
  test('gives the same sequence for the same seed, another for another, all in [0, 1)', () => {
    fc.assert(fc.property(seed, (one) => {
      const [a, b, c] = [seededRandom(one), seededRandom(one), seededRandom(one + 1)];
      const [first, second, other] = [a, b, c].map((random) => Array.from({ length: 20 }, random)) as [number[], number[], number[]];
      expect(second).toEqual(first);
      expect(other).not.toEqual(first);
      expect(first.every((value) => value >= 0 && value < 1)).toBe(true);
    }));
  });

  test('is spread evenly enough: each tenth of the range gets about a tenth of 100,000 numbers', () => {
    const random = seededRandom(7);
    const counts = new Array<number>(10).fill(0);
    for (let drawn = 0; drawn < 100_000; drawn += 1) counts[Math.floor(random() * 10)]! += 1;
    // The standard deviation of each count is 95.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(600);
  });
});

describe('shuffle', () => {
  test('keeps every element exactly once and leaves its input as it was', () => {
    fc.assert(fc.property(items, seed, (all, one) => {
      const before = [...all];
      const shuffled = shuffle(all, seededRandom(one));
      expect(all).toEqual(before);
      expect([...shuffled].sort((a, b) => a.at - b.at)).toEqual(all);
    }));
  });

  test('reaches every order of three elements about equally often', () => {
    const random = seededRandom(1);
    const counts = new Map<string, number>();
    for (let round = 0; round < 6_000; round += 1) {
      const order = shuffle(['a', 'b', 'c'], random).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(200);
  });
});

describe('duplicate', () => {
  test('adds the wanted number of copies; originals keep their order and come before their copies', () => {
    fc.assert(fc.property(items, fc.double({ min: 0, max: 3, noNaN: true }), seed, (all, ratio, one) => {
      const delivered = duplicate(all, ratio, seededRandom(one));
      expect(delivered).toHaveLength(all.length + Math.round(all.length * ratio));
      expect(delivered.filter((item) => all.includes(item))).toEqual(all);
      for (const [place, item] of delivered.entries()) {
        if (!all.includes(item)) expect(delivered.findIndex((other) => other === all[item.at])).toBeLessThan(place);
      }
    }));
  });

  test('no element has two copies while another has none', () => {
    fc.assert(fc.property(items.filter((all) => all.length > 0), fc.double({ min: 0, max: 3, noNaN: true }), seed, (all, ratio, one) => {
      const counts = all.map(({ at }) => duplicate(all, ratio, seededRandom(one)).filter((item) => item.at === at).length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }), { numRuns: 30 });
  });

  test.each([-0.1, Number.NaN, Infinity])('refuses the ratio %p', (ratio) => {
    expect(() => duplicate([1], ratio, Math.random)).toThrow(expect.objectContaining({ code: 'RATIO_INVALID' }));
  });
});

describe('inBatches', () => {
  test('cuts without losing or moving anything; only the last may be smaller', () => {
    fc.assert(fc.property(items, fc.integer({ min: 1, max: 70 }), (all, size) => {
      const batches = inBatches(all, size);
      expect(batches.flat()).toEqual(all);
      expect(batches.slice(0, -1).every((batch) => batch.length === size)).toBe(true);
      expect(batches.every((batch) => batch.length > 0 && batch.length <= size)).toBe(true);
    }));
  });

  test.each([0, -1, 1.5, 10_001, Number.NaN])('refuses the size %p', (size) => {
    expect(() => inBatches([1], size)).toThrow(expect.objectContaining({ code: 'BATCH_SIZE_INVALID' }));
  });
});

describe('cut', () => {
  test('loses and moves nothing: pieces of random sizes, two at least, the same for the same seed', () => {
    const sizes = new Set<string>();
    fc.assert(fc.property(items, seed, (all, one) => {
      const pieces = cut(all, seededRandom(one));
      expect(pieces.flat()).toEqual(all);
      expect(pieces.length).toBeGreaterThanOrEqual(Math.min(2, all.length));
      if (all.length > 0) expect(pieces.every((piece) => piece.length > 0)).toBe(true);
      else expect(pieces).toEqual([[]]);
      expect(cut(all, seededRandom(one))).toEqual(pieces);
      if (all.length > 3) sizes.add(pieces.map(({ length }) => length).join());
    }));
    expect(sizes.size).toBeGreaterThan(20);
  });

  test('reaches every way to cut three elements', () => {
    const random = seededRandom(1);
    const ways = new Set(Array.from({ length: 100 }, () => cut(['a', 'b', 'c'], random).map((piece) => piece.join('')).join('|')));
    expect([...ways].sort()).toEqual(['ab|c', 'a|bc', 'a|b|c'].sort());
  });
});

describe('deliveryOrder', () => {
  const events = [{ Records: ['a', 'b', 'c'] }, { Records: [] }, { Records: ['d'] }];

  test('without options: as recorded, batch by batch', () => {
    expect(deliveryOrder(events, {})).toEqual([['a', 'b', 'c'], [], ['d']]);
  });

  test('a batch size re-cuts the recorded order', () => {
    expect(deliveryOrder(events, { batchSize: 3 })).toEqual([['a', 'b', 'c'], ['d']]);
  });

  test('shuffled and duplicated: every record once, half of them twice, the same for the same seed', () => {
    const options = { shuffle: true, duplicate: 0.5, seed: 3, batchSize: 4 };
    const delivered = deliveryOrder(events, options).flat();
    expect(delivered).toHaveLength(6);
    expect([...new Set(delivered)].sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(deliveryOrder(events, options).flat()).toEqual(delivered);
  });

  test('split: as recorded, or in the order of the seed, in smaller pieces of each invocation', () => {
    const many = [{ Records: Array.from({ length: 10 }, (_, i) => i) }, { Records: [10] }, { Records: [11, 12] }];
    for (const options of [{}, { batchSize: 4 }, { shuffle: true, duplicate: 0.5, batchSize: 5 }]) {
      const whole = deliveryOrder(many, { ...options, seed: 3 });
      const pieces = deliveryOrder(many, { ...options, seed: 3, split: true });
      expect(pieces.flat()).toEqual(whole.flat());
      const ends = (batches: readonly (readonly unknown[])[]): number[] => batches.map((_, i) => batches.slice(0, i + 1).flat().length);
      expect(ends(pieces)).toEqual(expect.arrayContaining(ends(whole)));
      expect(pieces.length).toBeGreaterThanOrEqual(whole.length + whole.filter(({ length }) => length > 1).length);
    }
  });
});
