import fc from 'fast-check';
import type { Violation } from '../checker';
import { planOf, type Scope } from './arbitraries';
import { simulate, type SimulationOptions } from './simulate';

export interface Schedules extends SimulationOptions {
  readonly scope: Scope;
  readonly runs: number;
  /** False: the first schedule that is found will do. Default true: the smallest is looked for. */
  readonly shrinks?: boolean;
  /** Where another set of schedules might not do, as for mutants. Default: that of the run. */
  readonly seed?: number;
  /** For those that a world cannot be without. */
  readonly except?: (violation: Violation) => boolean;
}

/**
 * Carries out as many schedules; rejects with the smallest one that breaks an invariant. To look further:
 * `SIMULATION_TIMES=50 npm run hunt -- test/property/locks/simulation`.
 */
export const checkSchedules = async ({ scope, runs, seed, except = () => false, shrinks = true, ...options }: Schedules): Promise<void> => {
  const { SIMULATION_TIMES = '1' } = process.env;
  await fc.assert(fc.asyncProperty(planOf(scope), async (plan) => {
    const { violations } = await simulate(plan, options);
    const found = violations.filter((violation) => !except(violation));
    if (found.length > 0) throw new Error(found.map(({ invariant, id, problem }) => `${invariant} ${id}: ${problem}`).join('\n'));
  }), { ...(seed === undefined ? {} : { seed }), numRuns: runs * Number(SIMULATION_TIMES), endOnFailure: !shrinks });
};
