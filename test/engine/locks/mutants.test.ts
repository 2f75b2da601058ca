import { PutCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createLockClient, type LockClient, type LockClientOptions } from '../../../src/locks';
import type { Engine } from '../../../src/replay/engines/engine';
import { describeLocal, tableName } from '../../support/engines';
import { createBeliefs } from '../../support/locks/chaos/beliefs';
import { createRefusals } from '../../support/locks/chaos/refusals';
import { createVersions } from '../../support/locks/chaos/versions';
import { changesOf, checkRun, type Violation } from '../../support/locks/checker';
import { fakeClock, type FakeClock } from '../../support/locks/fake-clock';
import { watched } from '../../support/locks/world';
import { readStream } from '../../support/table-stream';

/*
 * The checker has to find what is broken. Each fault is planted in the client, and the schedule on which it matters is
 * constructed: a real table and its stream, and a clock that the test moves.
 */

const mockPlanted = { halfLease: false, anyReleased: false };

jest.mock('../../../src/locks/lease/observations', () => {
  const actual = jest.requireActual<typeof import('../../../src/locks/lease/observations')>('../../../src/locks/lease/observations');
  const isExpired: typeof actual.isExpired = (observation, now) =>
    actual.isExpired(mockPlanted.halfLease ? { ...observation, leaseMs: observation.leaseMs / 2 } : observation, now);
  return { ...actual, isExpired };
});

jest.mock('../../../src/locks/lease/requests', () => {
  const actual = jest.requireActual<typeof import('../../../src/locks/lease/requests')>('../../../src/locks/lease/requests');
  const acquireRequest: typeof actual.acquireRequest = (grant, expected) => {
    const request = actual.acquireRequest(grant, expected);
    const { ConditionExpression: condition = '' } = request.input;
    if (!mockPlanted.anyReleased || expected.kind !== 'released') return request;
    return { ...request, input: { ...request.input, ConditionExpression: `(${condition}) OR NOT (${condition})` } } as typeof request;
  };
  return { ...actual, acquireRequest };
});

interface World {
  readonly clock: FakeClock;
  readonly beliefs: ReturnType<typeof createBeliefs>;
  /** The next write of this owner waits for the promise. */
  readonly delay: (ownerName: string, until: Promise<unknown>) => void;
  /** The next write of this owner is refused, whatever the row is. */
  readonly refuse: (ownerName: string) => void;
  readonly locks: (ownerName: string, options?: Partial<LockClientOptions>) => LockClient;
}

type Schedule = (world: World) => Promise<void>;

const run = async (engine: Engine, schedule: Schedule): Promise<Violation[]> => {
  const table = tableName('mutants');
  await engine.createTable({ name: table, partitionKey: 'key', stream: 'NEW_AND_OLD_IMAGES' });
  let underWay = 0;
  const clock = fakeClock(undefined, () => underWay > 0);
  const versions = createVersions(clock.monotonic);
  const beliefs = createBeliefs(clock.monotonic);
  const refusals = createRefusals(table, clock.monotonic);
  const delays = new Map<string, Promise<unknown>>();
  const refused = new Set<string>();
  const clients: LockClient[] = [];
  const clientOf = (ownerName: string): DynamoDBDocumentClient => new Proxy(engine.client, {
    get: (target, name) => (name !== 'send' ? Reflect.get(target, name) : async (command: { readonly input: never }) => {
      const isWrite = command instanceof PutCommand || command instanceof UpdateCommand;
      const delay = isWrite ? delays.get(ownerName) : undefined;
      if (delay) delays.delete(ownerName);
      await delay;
      underWay += 1;
      const answer = (): Promise<unknown> => (isWrite && refused.delete(ownerName)
        ? Promise.reject(Object.assign(new Error('refused'), { name: 'ConditionalCheckFailedException' })) : (target.send as (given: unknown) => Promise<unknown>)(command));
      return versions.during(command.input, () => refusals.during(command.input, answer)).finally(() => { underWay -= 1; });
    }),
  });
  try {
    await schedule({
      clock, beliefs,
      delay: (ownerName, until) => { delays.set(ownerName, until); },
      refuse: (ownerName) => { refused.add(ownerName); },
      locks: (ownerName, options = {}) => {
        const locks = createLockClient({ client: clientOf(ownerName), tableName: table, ownerName, clock, leaseMs: 10_000, requestTimeoutMs: 5_000, heartbeatMs: false, random: () => 0.5, ...options });
        clients.push(locks);
        return locks;
      },
    });
    const [intervals, grants] = [beliefs.intervals(), beliefs.grants()];
    await Promise.allSettled(clients.map((locks) => locks.close()));
    const changes = changesOf(await readStream(engine, await engine.streamArn(table)), { partition: 'key' }, versions.windowOf);
    return checkRun({ changes, intervals, grants, refusals: refusals.all });
  } finally {
    beliefs.stop();
    await engine.dropTable(table);
  }
};

/** One holds and renews nothing, and another waits: at half a lease, and after it. */
const deadHolder: Schedule = async ({ clock, beliefs, locks }) => {
  const calledAt = clock.monotonic();
  beliefs.granted(await locks('a').acquire('x'), calledAt);
  const other = watched(locks('b').acquire('x', { waitMs: 60_000 }).then((lock) => beliefs.granted(lock, calledAt)));
  await clock.advance(13_000);
  expect(other.value).toBeDefined();
};

/** One has read a released row, and another is granted it before its write arrives. */
const lateTaker: Schedule = async ({ clock, beliefs, locks, delay }) => {
  const calledAt = clock.monotonic();
  await (await locks('a').acquire('x', { onRelease: 'keep' })).release();
  let arrive = () => {};
  delay('b', new Promise<void>((resolve) => { arrive = resolve; }));
  const late = watched(locks('b', { readFirst: true }).acquire('x', { waitMs: 2_000 }).then((lock) => beliefs.granted(lock, calledAt)));
  await clock.advance(100);
  beliefs.granted(await locks('c').acquire('x'), calledAt);
  arrive();
  await clock.advance(3_000);
  expect(late.ended).toBe(true);
};

/** A table that refuses a renewal of the version that it has. */
const liar: Schedule = async ({ clock, locks, refuse }) => {
  const lock = await locks('a').acquire('x');
  await clock.advance(100);
  refuse('a');
  const renewal = watched(lock.heartbeat());
  await clock.advance(5_000);
  expect(renewal.ended).toBe(true);
};

describeLocal('planted faults', (engine) => {
  const invariants = (violations: readonly Violation[]) => [...new Set(violations.map(({ invariant }) => invariant))];

  beforeEach(() => { Object.assign(mockPlanted, { halfLease: false, anyReleased: false }); });

  test('without one, the schedules are legal', async () => {
    for (const schedule of [deadHolder, lateTaker]) expect(await run(engine(), schedule)).toEqual([]);
  });

  test('who takes a lock after half a lease is found', async () => {
    mockPlanted.halfLease = true;
    expect(invariants(await run(engine(), deadHolder))).toEqual(['I1', 'I2']);
  });

  test('who takes a released row, whatever has become of it, is found', async () => {
    mockPlanted.anyReleased = true;
    expect(invariants(await run(engine(), lateTaker))).toEqual(['I1', 'I2']);
  });

  test('a refusal without a cause is found', async () => {
    expect(await run(engine(), liar)).toMatchObject([{ invariant: 'I4', id: 'x', problem: expect.stringContaining('and the row met it all the while') }]);
  });
});
