import { describeLocal } from '../../support/engines';
import { runChaos } from '../../support/locks/chaos/run';

/*
 * Leases of 400 ms and real time: what happens differs from run to run, and with the machine. So only what must hold in every
 * run is asked for: nothing that must never be. What must be *possible* has tests of its own, which make it happen.
 * Jest fails a test in which a rejection is not handled.
 */
describeLocal('lease locks over a wire full of accidents', (engine) => {
  test.each([
    { seed: 20_261_121, exclusive: true },
    { seed: 5_400_012, exclusive: false },
  ])('no two holders, no lost update, no illegal step: %p', async ({ seed, exclusive }) => {
    const { violations, grants, changes, counts, refusals } = await runChaos(engine(), { seed, exclusive, workers: 14, keys: 3, ms: 9_000 });
    expect(violations).toEqual([]);
    expect([grants, changes, counts, refusals].every((list) => list && list.length > 0)).toBe(true);
  }, 60_000);
});
