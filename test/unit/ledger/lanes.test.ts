import fc from 'fast-check';
import { createLanes, createLimiter, type LaneTask } from '../../../src/ledger/lanes';
import { deferred } from '../../support/uows';

const free = { isAdmissible: () => true, onAdmissible: () => {} };
const begin = (run: () => Promise<boolean>): LaneTask['start'] => (over) => void run().then(over);
const tick = () => new Promise((resolve) => setImmediate(resolve));

describe('lanes', () => {
  it('does not let a slow item hold up others', async () => {
    const lanes = createLanes();
    const limiter = createLimiter(2);
    const slow = deferred<boolean>();
    const started: number[] = [];
    lanes.submit({ ...free, lane: 'a', index: 0, start: begin(() => (started.push(0), slow.promise)), hold: () => {} }, limiter);
    for (let index = 1; index < 6; index += 1) {
      lanes.submit({ ...free, lane: `b${index}`, index, start: begin(() => (started.push(index), Promise.resolve(false))), hold: () => {} }, limiter);
    }
    await tick();
    expect(started).toEqual([0, 1, 2, 3, 4, 5]);
    slow.resolve(false);
  });

  it('holds the rest of a lane and nothing else', async () => {
    const lanes = createLanes();
    const limiter = createLimiter(4);
    const log: string[] = [];
    ['a', 'b', 'a', 'b', 'a'].forEach((lane, index) =>
      lanes.submit(
        { ...free, lane, index, start: begin(async () => (log.push(`${lane}${index}`), lane === 'a')), hold: () => log.push(`held ${index}`) },
        limiter,
      ),
    );
    await tick();
    expect(log.sort()).toEqual(['a0', 'b1', 'b3', 'held 2', 'held 4']);
  });

  it('takes nothing along that may not start yet', async () => {
    const lanes = createLanes();
    const limiter = createLimiter(2);
    const log: string[] = [];
    let open = (): void => {};
    let isOpen = false;
    const task = (index: number, more: object): LaneTask => ({ ...free, lane: 'a', index, absorb: (next) => log.push(`${index} took ${next.index}`) > 0, start: (over) => { log.push(`${index}`); over(false); }, hold: () => {}, ...more });
    lanes.submit(task(0, {}), limiter);
    lanes.submit(task(1, { isAdmissible: () => isOpen, onAdmissible: (callback: () => void) => { open = callback; } }), limiter);
    lanes.submit(task(2, {}), limiter);
    await tick();
    expect(log).toEqual(['0']);
    isOpen = true;
    open();
    await tick();
    expect(log).toEqual(['0', '1 took 2', '1']);
  });

  it('keeps the order of each lane, one task at a time, within the limit, and runs every task, or has it taken along (property)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ lane: fc.constantFrom('a', 'b', 'c', 'd'), turns: fc.integer({ min: 0, max: 3 }), folds: fc.boolean() }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        async (tasks, limit) => {
          const lanes = createLanes();
          const limiter = createLimiter(limit);
          const done: Record<string, number[]> = {};
          const busy = new Set<string>();
          let inFlight = 0;
          const all = tasks.map(({ lane, turns, folds }, index) => {
            const end = deferred();
            const taken = [{ index, end }];
            lanes.submit(
              {
                ...(folds && { taken, absorb: (next: LaneTask) => 'taken' in next && taken.push(...next.taken as typeof taken) > 0 }),
                ...free,
                lane,
                index,
                start: begin(async () => {
                  expect(busy.has(lane)).toBe(false);
                  busy.add(lane);
                  inFlight += 1;
                  expect(inFlight).toBeLessThanOrEqual(limit);
                  for (let turn = 0; turn < turns; turn += 1) await tick();
                  (done[lane] ??= []).push(...taken.map((one) => one.index));
                  busy.delete(lane);
                  inFlight -= 1;
                  taken.forEach((one) => one.end.resolve());
                  return false;
                }),
                hold: () => end.reject(new Error('held')),
              },
              limiter,
            );
            return end.promise;
          });
          await Promise.all(all);
          expect(Object.values(done).flat()).toHaveLength(tasks.length);
          for (const order of Object.values(done)) expect(order).toEqual([...order].sort((a, b) => a - b));
        },
      ),
      { numRuns: 60 },
    );
  });
});
