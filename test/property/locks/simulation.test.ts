import { createLockClient } from '../../../src/locks/lease/client';
import { checkSchedules } from '../../support/locks/simulation/check';
import { WORLDS, type World } from '../../support/locks/simulation/scopes';

/** What LOCKS 5.4 calls these, where it has a number. */
const SCHEDULES: readonly (readonly [string, World, number])[] = [
  ['two contenders, with all that can go wrong (1, 2, 5, 9, 18, 22)', WORLDS.two, 350],
  ['five nodes with several tasks each on two locks (10, 16, 17)', WORLDS.five, 150],
  ['a holder that freezes: a blocked event loop, a suspended machine (13, 14)', WORLDS.frozen, 250],
  ['a black hole (19)', WORLDS.cutOff, 250],
  ['answers that are lost, requests that are sent twice (3, 5)', WORLDS.lossy, 250],
  ['requests and answers that take longer than a lease (4, 6, 7, 8)', WORLDS.slow, 250],
  ['rows that are read first, replaced or updated, kept or deleted (11)', WORLDS.readFirst, 250],
  ['an exclusive table: fencing tokens, and writes that they fence', WORLDS.exclusive, 200],
  ['Java clients in the fleet (12, 31)', WORLDS.java, 200],
  ['old Java clients in the fleet (12)', WORLDS.oldJava, 200],
  ['an operator who deletes rows and releases locks by hand (20)', WORLDS.operator, 200],
  ['reentrant locks, which tasks of a node share (23)', WORLDS.reentrant, 150],
  ['reentrant locks within each other, also when one is lost (23)', WORLDS.nested, 150],
  ['locks that are handed over, while the first holder lives on, dies, or gives them back', WORLDS.handles, 350],
  ['permits, of pools of which each has its own opinion (26)', WORLDS.permits, 150],
  ['several locks at once, with all that can go wrong (25)', WORLDS.together, 150],
  ['several locks at once, all or none (25)', WORLDS.allOrNone, 150],
];

describe('simulated schedules keep every invariant', () => {
  test.each(SCHEDULES)('%s', async (_name, world, runs) => {
    await expect(checkSchedules({ ...world, runs, createClient: createLockClient })).resolves.toBeUndefined();
  }, 600_000);
});
