import { interleave, WARM_UP } from '../../../bench/lib/rounds';
import type { Measured } from '../../../bench/lib/task';

const progress = { say: () => {}, end: () => {} };
const measured = (cpuUs: number) => ({ events: 10, cpuUs }) as Measured;

describe('rounds of the bench', () => {
  it('let the sides take turns, each round another one first, and forget the warm-up', async () => {
    const calls: string[] = [];
    const entrant = (name: string, cpuUs: number) => ({ name, run: async (round: number) => { calls.push(`${name}${round}`); return measured(cpuUs + round); } });
    const samples = await interleave('row', [entrant('a', 0), entrant('b', 100)], { rounds: 2, progress }, ({ cpuUs }) => cpuUs);
    expect(calls.slice(0, 4)).toEqual(['a0', 'b0', 'b1', 'a1']);
    expect(calls).toHaveLength(2 * (WARM_UP + 2));
    expect(samples.get('a')).toEqual([WARM_UP, WARM_UP + 1]);
    expect(samples.get('b')).toEqual([100 + WARM_UP, 101 + WARM_UP]);
  });

  it('end with the first side that does not do its job', async () => {
    await expect(interleave('row', [{ name: 'a', run: () => Promise.reject(new Error('another table')) }], { rounds: 1, progress }, () => 0)).rejects.toThrow('another table');
  });
});

describe('a side that gives no figure in a round', () => {
  it('goes on with the next one', async () => {
    const samples = await interleave('row', [{ name: 'a', run: async (round) => (round === WARM_UP ? undefined : measured(round)) }], { rounds: 2, progress }, ({ cpuUs }) => cpuUs);
    expect(samples.get('a')).toEqual([WARM_UP + 1]);
  });
});
