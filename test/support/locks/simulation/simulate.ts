import { setImmediate } from 'node:timers';
import type { LockClient, LockClientOptions } from '../../../../src/locks';
import { checkRun, OPERATOR, type Attempt, type Change, type Count, type Effect, type Fleet, type PermitAsk, type Resume, type Run, type Violation } from '../checker';
import { javaPeer } from './java-peer';
import { createMachine } from './machine';
import { createMail } from './mail';
import { createNetwork } from './network';
import { nodeActor } from './node-actor';
import type { NodePlan, Plan } from './plan';
import { countingIds, seededRandom } from './random';
import { createStore, KEY, LOCKS, type Store } from './store';
import { runSessions } from './user';
import { createVirtualTime } from './virtual-time';
import { createWitness } from './witness';

export interface SimulationOptions {
  readonly createClient: (options: LockClientOptions) => LockClient;
  /** For all clients under test. */
  readonly client?: Partial<LockClientOptions>;
  readonly fleet?: Fleet;
}

export interface Outcome extends Run {
  readonly violations: readonly Violation[];
  /** Virtual ms. */
  readonly took: number;
  readonly events: number;
}

/** More would be a world that does not come to rest. */
const MAX_EVENTS = 20_000;
const HORIZON_MS = 3_600_000;

/** Whatever goes on without time: microtasks are all done before the next macrotask. */
const flush = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

/** Carries a schedule out, and checks what came of it. The same plan has the same outcome. */
export const simulate = async (plan: Plan, { createClient, client: common = {}, fleet = {} }: SimulationOptions): Promise<Outcome> => {
  const time = createVirtualTime();
  const store = createStore(time.now);
  const witness = createWitness(time);
  const mail = createMail();
  const [resumes, permits, attempts]: [Resume[], PermitAsk[], Attempt[]] = [[], [], []];
  const problems: Violation[] = [];
  let events = 0;

  const start = (node: NodePlan, index: number): void => {
    const ownerName = `${node.client}-${index}`;
    const machine = createMachine({ time, monotonicOffset: node.monotonicOffset, wallOffset: node.wallOffset, onChange: witness.look });
    const { clock } = machine;
    const problem = (invariant: Violation['invariant']) => (text: string) => { problems.push({ invariant, id: ownerName, problem: text }); };
    const client = createNetwork({ time, store, machine, ownerName, fates: node.fates });
    const { leaseMs, requestTimeoutMs } = node;
    const newId = countingIds(index);
    const actorOf = () => {
      if (node.client !== 'node') {
        return javaPeer({ client, clock, ownerName, newId, leaseMs, requestTimeoutMs, heartbeatMs: node.heartbeatMs || leaseMs / 4, old: node.client === 'old-java' });
      }
      const locks = createClient({
        client, tableName: LOCKS, partitionKeyName: KEY, ownerName, leaseMs, heartbeatMs: node.heartbeatMs, safetyMarginMs: node.safetyMarginMs, requestTimeoutMs,
        clock, newId, random: seededRandom(plan.seed + index), logger: { debug: () => {}, warn: () => {}, error: () => {} }, ...common,
      });
      return nodeActor({ client: locks, machine, time, ownerName, mail, resumes });
    };
    let finished = false;
    const live = async (): Promise<void> => {
      const actor = actorOf();
      let closing: Promise<void> | undefined;
      const close = (): Promise<void> => {
        if (!closing) witness.closed(machine);
        return (closing ??= actor.close().catch(() => {}));
      };
      const closer = node.closeAt === undefined ? undefined : clock.after(node.closeAt, () => void close());
      await Promise.all(node.tasks.map((sessions) => runSessions({ actor, ownerName, machine, store, client, time, witness, mail, permits, attempts, onProblem: problem('I4') }, sessions)));
      closer?.cancel();
      await close();
      finished = true;
      if (node.client === 'node' && machine.timers() > 0) problem('I7')(`${machine.timers()} timers are left after close()`);
    };
    time.at(time.now() + node.start, () => machine.deliver(() => { live().catch((error: unknown) => problem('I4')(`it failed: ${String(error)}`)); }));
    for (const trouble of node.troubles) time.at(time.now() + trouble.at, () => machine.suffer(trouble));
    atRest.push(() => { if (!finished && !machine.isCrashed()) problem('I5')('something that it waits for never ends'); });
  };
  const atRest: (() => void)[] = [];
  const run = async (): Promise<void> => {
    const until = time.now() + HORIZON_MS;
    await flush();
    while (time.step(until)) {
      await flush();
      witness.look();
      if ((events += 1) > MAX_EVENTS) {
        problems.push({ invariant: 'I7', id: '', problem: 'the world does not come to rest' });
        return;
      }
    }
    atRest.splice(0).forEach((check) => check());
  };

  for (const { at, id, kind } of plan.operator ?? []) time.at(at, () => interfere(store, id, kind));
  plan.nodes.forEach(start);
  await run();
  const took = time.now();
  if (events <= MAX_EVENTS) {
    start(heir(plan, store.locks), plan.nodes.length);
    await run();
    const inherited = new Set(witness.grants.flatMap(({ ownerName, id }) => (ownerName === `node-${plan.nodes.length}` ? [id] : [])));
    for (const id of idsOf(plan, store.locks)) if (!inherited.has(id)) problems.push({ invariant: 'I5', id, problem: 'all others are gone, and it cannot be had' });
  }
  const { grants, intervals, holds } = witness;
  const recorded: Run = {
    changes: store.locks, grants, intervals, holds, resumes, permits, counts: countsOf(store.counters), effects: effectsOf(store.counters),
    attempts: fleet.certain ? attempts : attempts.filter(({ granted }) => granted),
  };
  return { ...recorded, took, events, violations: [...problems, ...witness.violations, ...checkRun(recorded, fleet)] };
};

/** By hand, and without a new version, as somebody does who knows nothing of versions. */
const interfere = (store: Store, id: string, kind: 'delete' | 'release'): void => {
  if (store.row(LOCKS, id)?.isReleased !== undefined || !store.row(LOCKS, id)) return;
  const row = { TableName: LOCKS, Key: { [KEY]: id } };
  if (kind === 'delete') store.execute('DeleteItem', row, OPERATOR);
  else store.execute('UpdateItem', { ...row, UpdateExpression: 'SET isReleased = :yes', ExpressionAttributeValues: { ':yes': '1' } }, OPERATOR);
};

/** All locks that somebody wanted, and all that there ever were. */
const idsOf = ({ nodes }: Plan, changes: readonly Change[]): ReadonlySet<string> => new Set([
  ...nodes.flatMap(({ tasks }) => tasks.flatMap((sessions) => sessions.flatMap(({ id, ids, wish }) => ids ?? (wish.permits === undefined ? [id] : [])))),
  ...changes.map(({ id }) => id),
]);

const REFRESH_MS = 100;

/** When nobody else is there any more, each lock is to be had after the lease that is on it, and two looks. */
const heir = (plan: Plan, changes: readonly Change[]): NodePlan => {
  const last = new Map(changes.map((change) => [change.id, change.now]));
  return {
    start: 0, monotonicOffset: 0, wallOffset: 0, leaseMs: 1_000, heartbeatMs: 250, safetyMarginMs: 100, requestTimeoutMs: 300, client: 'node', troubles: [], fates: [],
    tasks: [...idsOf(plan, changes)].map((id) => [{
      id, after: 0, work: [], release: true,
      wish: { how: 'wait', waitMs: Number(last.get(id)?.leaseDuration ?? 0) + 3 * REFRESH_MS, refreshMs: REFRESH_MS, tries: 1 },
    }]),
  };
};

const countsOf = (changes: readonly Change[]): Count[] => changes.flatMap(({ id, now }) =>
  (typeof now?.w === 'string' ? [{ id, value: Number(now.n), write: now.w }] : []));

const GUARDED = 'guard/';

const effectsOf = (changes: readonly Change[]): Effect[] => changes.flatMap(({ id, now, at }) =>
  (typeof now?.guardedBy === 'string' ? [{ id: id.slice(GUARDED.length), acquisitionId: now.guardedBy, at }] : []));
