import { checkSchedules } from '../../support/locks/simulation/check';
import { clientOf } from '../../support/locks/simulation/mutant';
import { MUTANTS } from '../../support/locks/simulation/mutants';
import { SEVERAL_MUTANTS } from '../../support/locks/simulation/several-mutants';

/** Most of them are found in a few. */
const RUNS = 300;
const CONTROL_RUNS = 40;

const ALL = [...MUTANTS, ...SEVERAL_MUTANTS];

describe('the simulation finds a client in which', () => {
  test.each(ALL.map((mutant) => [mutant.name, mutant] as const))('%s', async (_name, mutant) => {
    const { world, breaks } = mutant;
    const createClient = await clientOf(mutant);
    const problem = await checkSchedules({ ...world, runs: RUNS, seed: 1, shrinks: false, createClient }).then(() => 'nothing', (error: Error) => String(error.cause));
    expect({ problem, found: breaks.some((what) => problem.includes(what)) }).toMatchObject({ found: true });
  }, 120_000);

  test('and nothing in the worlds where it finds them, with the client as it is', async () => {
    const createClient = await clientOf({});
    for (const world of new Set(ALL.map(({ world }) => world))) await checkSchedules({ ...world, runs: CONTROL_RUNS, createClient });
  }, 120_000);
});
