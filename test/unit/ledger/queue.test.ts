import fc from 'fast-check';
import { createQueue } from '../../../src/ledger/queue';

interface Waiting {
  readonly index: number;
  readonly arrival: number;
}

const take = <T>(queue: { take(): T | undefined }): T[] => {
  const taken: T[] = [];
  for (let value = queue.take(); value !== undefined; value = queue.take()) taken.push(value);
  return taken;
};

describe('a queue', () => {
  it('gives the lowest index first, of equal ones that which came first, whatever is added in between', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.nat(9), fc.constant('take' as const)), { maxLength: 60 }), (steps) => {
      const queue = createQueue<Waiting>(({ index }) => index);
      let expected: Waiting[] = [];
      steps.forEach((step, arrival) => {
        expect(queue.first()).toBe(expected[0]);
        if (step === 'take') expect(queue.take()).toBe(expected.shift());
        else {
          const one = { index: step, arrival };
          queue.add(one);
          expected = [...expected, one].sort((a, b) => a.index - b.index || a.arrival - b.arrival);
        }
      });
      expect(take(queue)).toEqual(expected);
    }));
  });

  it.each<[string, (n: number) => number]>([
    ['in order', (n) => n], ['backwards', (n) => -n], ['of which each second goes before all others', (n) => (n % 2 === 0 ? n : -n)],
  ])('looks at few of 20,000 that come %s', (_name, indexOf) => {
    let looks = 0;
    const queue = createQueue<number>((n) => { looks += 1; return indexOf(n); });
    for (let n = 0; n < 20_000; n += 1) queue.add(n);
    expect(take(queue)).toHaveLength(20_000);
    expect(looks).toBeLessThan(20_000 * 100); // a list that is searched from one end: 200,000,000
  });
});
