import { atMost } from '../../../src/steps/at-most';
import { deferred } from '../../support/uows';

const turn = () => new Promise((resolve) => { setImmediate(resolve); });

it('awaits so many at once and no more, in their order, also when several come back or fail together', async () => {
  const calls = Array.from({ length: 9 }, () => deferred<number>());
  const called: number[] = [];
  const told: string[] = [];
  const take = atMost((i: number) => { called.push(i); return (calls[i] as { promise: Promise<number> }).promise; }, 3, {
    succeed: (i, value) => told.push(`${i} is ${value}`),
    fail: (i) => told.push(`${i} failed`),
  });
  for (let i = 0; i < 9; i += 1) take(i);
  expect(called).toEqual([0, 1, 2]);
  calls[1]?.resolve(10);
  await turn();
  expect(called).toEqual([0, 1, 2, 3]);
  calls[0]?.reject(new Error('no'));
  calls[3]?.resolve(30);
  await turn();
  expect(called).toEqual([0, 1, 2, 3, 4, 5]);
  for (const { resolve } of calls) resolve(0);
  await turn();
  expect(called).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(told.slice(0, 3).sort()).toEqual(['0 failed', '1 is 10', '3 is 30']);
  expect(told).toHaveLength(9);
});
