import fc from 'fast-check';
import { createLockClient } from '../../../src/locks/lease/client';
import type { Wish } from '../../support/locks/simulation/held';
import type { Fate } from '../../support/locks/simulation/network';
import { clientOf } from '../../support/locks/simulation/mutant';
import type { NodePlan, Plan } from '../../support/locks/simulation/plan';
import { simulate, type SimulationOptions } from '../../support/locks/simulation/simulate';
import type { Work } from '../../support/locks/simulation/work';

const LEASE_MS = 1_000;
const REFRESH_MS = 100;
/** Jitter makes a poll half as long again at most. */
const POLL_MS = 1.5 * REFRESH_MS;
/** Requests and answers of a few ms each. */
const SLACK_MS = 20;
const SETTINGS = { numRuns: 100 };

const node = (more: Partial<NodePlan>, work: readonly Work[] = [], wish: Partial<Wish> = {}): NodePlan => ({
  start: 0, monotonicOffset: 0, wallOffset: 0, leaseMs: LEASE_MS, heartbeatMs: 250, safetyMarginMs: 50, requestTimeoutMs: 300, client: 'node', troubles: [], fates: [],
  tasks: [[{ id: 'lock', after: 0, work, release: true, wish: { how: 'wait', waitMs: 20_000, refreshMs: REFRESH_MS, tries: 1, ...wish } }]],
  ...more,
});

const run = async (nodes: readonly NodePlan[], createClient: SimulationOptions['createClient'] = createLockClient) => {
  const plan: Plan = { nodes, seed: 1 };
  const outcome = await simulate(plan, { createClient });
  expect(outcome.violations).toEqual([]);
  const { changes = [], grants = [] } = outcome;
  return {
    grantedTo: (index: number) => grants.find(({ ownerName }) => ownerName === `node-${index}`),
    lastWriteOf: (index: number) => changes.filter(({ by }) => by === `node-${index}`).at(-1)?.at?.from,
  };
};

/** How long it takes to get a lock that nobody wants, when the first answer is not the usual one. */
const timeAlone = async (fate: Fate, createClient?: SimulationOptions['createClient']): Promise<number> => {
  const { grantedTo } = await run([node({ fates: [fate] })], createClient);
  const grant = grantedTo(0);
  return (grant?.grantedAt ?? Infinity) - (grant?.calledAt ?? 0);
};

const ANSWERS: readonly Fate[] = [
  { kind: 'mute', out: 3 },
  { kind: 'twice', out: 1, again: 50, back: 1 },
  { kind: 'error', error: 'ECONNRESET', executed: true, out: 1, back: 1 },
  { kind: 'error', error: 'InternalServerError', executed: true, out: 1, back: 1 },
];

describe('in bounded time', () => {
  test('a dead holder is followed within its lease and two polls, whenever it dies (1, 2)', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 1_500 }), fc.integer({ min: 0, max: 300 }), async (at, start) => {
      const { grantedTo, lastWriteOf } = await run([node({ troubles: [{ kind: 'crash', at }] }, [{ kind: 'pause', ms: 10_000 }]), node({ start }), node({ start })]);
      const free = Math.max(start, (lastWriteOf(0) ?? -LEASE_MS) + LEASE_MS);
      const next = Math.min(...[1, 2].map((index) => grantedTo(index)?.grantedAt ?? Infinity));
      expect(next).toBeLessThanOrEqual(free + 2 * POLL_MS + SLACK_MS);
    }), SETTINGS);
  });

  test('a lock that is released is had by the next poll', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 1_500 }), fc.constantFrom('delete' as const, 'keep' as const), async (ms, onRelease) => {
      const { grantedTo, lastWriteOf } = await run([node({}, [{ kind: 'pause', ms }], { onRelease }), node({ start: 3 })]);
      expect(grantedTo(1)?.grantedAt).toBeLessThanOrEqual((lastWriteOf(0) ?? -Infinity) + POLL_MS + SLACK_MS);
    }), SETTINGS);
  });

  test.each(ANSWERS.map((fate) => [JSON.stringify(fate), fate] as const))('nobody waits for its own lost answer (3): %s', async (_name, fate) => {
    expect(await timeAlone(fate)).toBeLessThan(LEASE_MS / 2);
  });

  test('and a client that does not know its own version would', async () => {
    const createClient = await clientOf({
      replace: () => ({ 'lease/decide': ({ decide }) => ({ decide: (read, wish, known) => decide(read, { ...wish, acquisitionId: '' }, { ...known, attempts: new Map(), isOrphan: () => false }) }) }),
    });
    expect(await timeAlone({ kind: 'mute', out: 3 }, createClient)).toBeGreaterThan(LEASE_MS);
  });

  test('the same schedule has the same outcome', async () => {
    const nodes = [node({ fates: ANSWERS }, [{ kind: 'guard', ms: 100 }]), node({ troubles: [{ kind: 'crash', at: 700 }] }), node({ start: 5 })];
    const [one, other] = [await simulate({ nodes, seed: 7 }, { createClient: createLockClient }), await simulate({ nodes, seed: 7 }, { createClient: createLockClient })];
    expect(other).toEqual(one);
    expect(one.changes.length).toBeGreaterThan(5);
  });
});
