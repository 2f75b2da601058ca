import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { claimRequest, type ClaimIdentity } from '../../../src/locks/claim/requests';
import { verdictOf } from '../../../src/locks/claim/verdict';
import { pause } from '../../../src/locks/clock';
import type { Claim } from '../../../src/locks/claim/types';
import { createLockTable } from '../../../src/locks/table/lock-table';
import { memoryEngine } from '../../../src/replay/engines/memory';
import { fakeClock } from '../../support/locks/fake-clock';
import { claimWorld, fates, type Fate } from '../../support/locks/claim-world';

const SKEW = 500;
const SLOWEST = 4_000;

/** One try of a node to do the work. Times are ms. */
interface Round {
  readonly wait: number;
  readonly ttlMs: number;
  readonly work: number;
  readonly end: 'done' | 'abandon' | 'crash' | 'extend and done';
  readonly fates: readonly Fate[];
}

interface Node {
  /** Its wall clock is so far ahead. */
  readonly ahead: number;
  readonly rounds: readonly Round[];
}

const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fate>('ok') },
  { weight: 4, arbitrary: fc.constantFrom<Fate>('request lost', 'response lost', 'twice') },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: SLOWEST }) },
  { weight: 1, arbitrary: fc.record({ again: fc.integer({ min: 1, max: SLOWEST }) }) },
);

const round: fc.Arbitrary<Round> = fc.record({
  wait: fc.integer({ min: 0, max: 2_500 }),
  ttlMs: fc.integer({ min: 300, max: 2_000 }),
  work: fc.integer({ min: 0, max: 3_500 }),
  end: fc.constantFrom('done', 'abandon', 'crash', 'extend and done'),
  fates: fc.array(fate, { maxLength: 6 }),
});

const schedule = fc.array(fc.record({ ahead: fc.integer({ min: 0, max: SKEW }), rounds: fc.array(round, { minLength: 1, maxLength: 4 }) }), { minLength: 2, maxLength: 4 });

/** In which a node may believe that the claim is its own. In true time. */
interface Belief { readonly who: string; readonly from: number; to: number }

const play = async (nodes: readonly Node[]) => {
  const world = await claimWorld();
  const { clock } = world;
  const now = () => clock.wall();
  const outcomes: string[] = [];
  const beliefs: Belief[] = [];
  const [seen, told] = [new Set<unknown>(), new Map<string, string>()];

  const work = async (who: string, node: Node, { work: ms, end, ttlMs }: Round, claim: Claim) => {
    const believe = (): Belief => {
      const belief = { who, from: now(), to: claim.expiresAtMs() - node.ahead };
      beliefs.push(belief);
      return belief;
    };
    const own = [believe()];
    const stop = () => { for (const belief of own) belief.to = Math.min(belief.to, now()); };
    await pause(clock, ms / 2);
    if (end === 'crash') return stop();
    const extended = end === 'extend and done' ? await claim.extend(ttlMs).catch((error: { code: string }) => error.code) : undefined;
    if (extended === 'superseded') return stop();
    if (extended === 'extended') own.push(believe());
    await pause(clock, ms / 2);
    stop();
    if (end === 'abandon') await claim.abandon().catch(() => {});
    else told.set(who, await claim.done(who, { keepForMs: 1_500 }).catch((error: { code: string }) => error.code));
  };

  const live = async (node: Node, i: number) => {
    for (const [j, one] of node.rounds.entries()) {
      await pause(clock, one.wait);
      const who = `node ${i}, round ${j}`;
      const claims = world.node({
        ownerName: who, clockSkewMs: SKEW, onError: 'throw', requestTimeoutMs: 400, clock: { ...clock, wall: () => clock.wall() + node.ahead },
      }, fates(...one.fates));
      const got = await claims.claim('work', { ttlMs: one.ttlMs }).catch((error: { code: string }) => ({ kind: error.code }) as const);
      outcomes.push(got.kind);
      if (got.kind === 'done') seen.add((got as { result: unknown }).result);
      if (got.kind === 'claimed') await work(who, node, one, got as Claim);
    }
  };

  const all = Promise.all(nodes.map(live));
  await clock.advance(60_000);
  await all;
  const last = await world.node().claim('work', { ttlMs: 1_000 });
  return { outcomes, beliefs, seen, told, last };
};

describe('what a claim reads in a row', () => {
  const key = { key: 'k' };
  const LIMIT = 10_000;

  it('is what the table decides: free exactly where the write is taken', async () => {
    const engine = memoryEngine();
    const tableName = 'rows';
    await engine.createTable({ name: tableName, partitionKey: 'key', sortKey: null });
    const table = createLockTable({ client: engine.client, tableName, clock: fakeClock(), requestTimeoutMs: 1_000 });
    const identity: ClaimIdentity = { rowKey: key, partitionKeyName: 'key', claimId: 'mine', ownerName: 'me', ttl: undefined };
    const row = fc.record({ state: fc.constantFrom('CLAIMED', 'DONE'), expiresAtMs: fc.integer({ min: LIMIT - 2, max: LIMIT + 2 }) });
    const abandoned = fc.constant({ state: 'ABANDONED', expiresAtMs: 0 });
    await fc.assert(fc.asyncProperty(fc.option(fc.oneof(row, abandoned), { nil: undefined }), fc.integer({ min: 0, max: 3 }), async (given, clockSkewMs) => {
      await engine.client.send(new DeleteCommand({ TableName: tableName, Key: key }));
      const item = given && { ...key, claimId: 'other', ...given };
      if (item) await engine.client.send(new PutCommand({ TableName: tableName, Item: item }));
      const request = claimRequest(identity, { nowMs: LIMIT + clockSkewMs, rvn: 'r', ttlMs: 1_000, clockSkewMs });
      const answer = await table.write(request);
      const verdict = verdictOf(item, 'mine', LIMIT);
      expect(verdict.kind === 'free').toBe(answer.kind === 'done');
      if (verdict.kind === 'held') expect(verdictOf(item, 'mine', LIMIT + verdict.retryAfterMs).kind).toBe('free');
      // The same request once more: recognised, and nothing is counted twice.
      const again = await table.write(request);
      expect(again.kind).toBe('refused');
      if (verdict.kind === 'free') expect(verdictOf(again.kind === 'refused' ? again.item : undefined, 'mine', LIMIT)).toMatchObject({ kind: 'mine', row: { attempts: 1 } });
    }), { numRuns: 100 });
  });
});

describe('claims, under schedules with slow, lost and doubled requests, crashes, and clocks that differ', () => {
  it('5.4 #27 nobody has a claim while another has it, and what is superseded is never seen', async () => {
    await fc.assert(fc.asyncProperty(schedule, async (nodes) => {
      const { outcomes, beliefs, seen, told, last } = await play(nodes);

      expect(outcomes).toHaveLength(nodes.reduce((sum, { rounds }) => sum + rounds.length, 0));
      expect(outcomes.filter((kind) => !['claimed', 'done', 'held', 'LOCK_BACKEND'].includes(kind))).toEqual([]);

      const real = beliefs.filter(({ from, to }) => from < to);
      const overlaps = real.flatMap((a) => real.filter((b) => a.who < b.who && a.from < b.to && b.from < a.to).map((b) => [a, b]));
      expect(overlaps).toEqual([]);

      for (const result of seen) expect(told.get(result as string)).toMatch(/^(done|LOCK_BACKEND)$/);
      for (const end of told.values()) expect(['done', 'superseded', 'LOCK_BACKEND']).toContain(end);

      expect(last.kind).toBe('claimed'); // whoever died, nothing stays claimed
    }), { numRuns: 60 });
  }, 60_000);
});
