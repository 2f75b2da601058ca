import fc, { type Arbitrary } from 'fast-check';
import type { Wish } from './held';
import type { Trouble } from './machine';
import type { ErrorName, Fate } from './network';
import type { NodePlan, Plan } from './plan';
import type { Deed, Session } from './user';
import type { Work } from './work';

/** What may come up in a schedule. Everything that is left out does not. */
export interface Scope {
  readonly nodes: number;
  readonly java?: { readonly nodes: number; readonly old?: boolean; readonly existingRow?: readonly Wish['existingRow'][]; readonly onRelease?: readonly Wish['onRelease'][] };
  readonly keys?: number;
  readonly sessions?: number;
  /** Side by side on one node. */
  readonly tasks?: number;
  readonly troubles?: readonly Trouble['kind'][];
  readonly fates?: readonly Fate['kind'][];
  readonly work?: readonly Work['kind'][];
  readonly existingRow?: readonly Wish['existingRow'][];
  readonly onRelease?: readonly Wish['onRelease'][];
  readonly consistentReleased?: readonly boolean[];
  readonly heartbeats?: readonly ('auto' | 'hand')[];
  readonly closes?: boolean;
  readonly operator?: readonly ('delete' | 'release')[];
  /** Locks are acquired again by who has them: by a task under its own lock, and by others of the node. */
  readonly reentrant?: 'nested' | 'shared';
  /** Locks are handed over to whoever goes on with them. */
  readonly handles?: boolean;
  /** The sizes that somebody gives to a pool. */
  readonly permits?: readonly number[];
  /** Several locks at once. */
  readonly together?: boolean;
}

/** The longest lease; everything else is in proportion. */
const LEASE_MS = 1_000;

const quick = fc.integer({ min: 0, max: 9 });
/** Some of the times at which something changes, and the moments around them. */
const slow = fc.tuple(fc.constantFrom(60, 130, 250, 400, 500, 1_000, 1_500, 2_500), fc.integer({ min: -2, max: 40 })).map(([ms, more]) => ms + more);
const way = fc.oneof({ weight: 3, arbitrary: quick }, { weight: 1, arbitrary: slow });

const ERRORS: readonly ErrorName[] = [
  'InternalServerError', 'ServiceUnavailable', 'ThrottlingException', 'ProvisionedThroughputExceededException', 'TransactionConflictException', 'ECONNRESET',
];
/** Others are refusals: nothing has happened. */
const MAY_HAVE_HAPPENED: readonly ErrorName[] = ['InternalServerError', 'ServiceUnavailable', 'ECONNRESET'];

const FATES: Readonly<Record<Fate['kind'], Arbitrary<Fate>>> = {
  well: fc.record({ kind: fc.constant('well'), out: way, back: way }),
  lost: fc.constant({ kind: 'lost' }),
  mute: fc.record({ kind: fc.constant('mute'), out: way }),
  twice: fc.record({ kind: fc.constant('twice'), out: quick, again: way, back: way }),
  error: fc.record({ kind: fc.constant('error'), error: fc.constantFrom(...ERRORS), executed: fc.boolean(), out: way, back: way })
    .map((fate) => ({ ...fate, executed: fate.executed && MAY_HAVE_HAPPENED.includes(fate.error) })),
};

const fatesOf = (kinds: readonly Fate['kind'][]): Arbitrary<readonly Fate[]> => {
  const well: Fate = { kind: 'well', out: 1, back: 1 };
  return fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(well) }, ...kinds.map((kind) => ({ weight: 1, arbitrary: FATES[kind] }))), { maxLength: 24, size: 'max' });
};

const moment = fc.integer({ min: 0, max: 4_000 });

const TROUBLES: Readonly<Record<Trouble['kind'], Arbitrary<Trouble>>> = {
  block: fc.record({ kind: fc.constant('block'), at: moment, ms: slow, answersFirst: fc.boolean() }),
  suspend: fc.record({ kind: fc.constant('suspend'), at: moment, ms: slow }),
  // Back is left out: together with a suspension, no clock would know of it.
  jump: fc.record({ kind: fc.constant('jump'), at: moment, ms: fc.constantFrom(300, 3_600_000) }),
  partition: fc.record({ kind: fc.constant('partition'), at: moment, ms: slow }),
  crash: fc.record({ kind: fc.constant('crash'), at: moment }),
};

const span = fc.oneof(quick, slow);

const WORK: Readonly<Record<Work['kind'], Arbitrary<Work>>> = {
  pause: fc.record({ kind: fc.constant('pause'), ms: span }),
  heartbeat: fc.constant({ kind: 'heartbeat' }),
  ensure: fc.record({ kind: fc.constant('ensure'), ms: fc.constantFrom(300, 900, 1_800) }),
  count: fc.record({ kind: fc.constant('count'), ms: span }),
  guard: fc.record({ kind: fc.constant('guard'), ms: span }),
  fence: fc.record({ kind: fc.constant('fence'), ms: span }),
};

const wishOf = (scope: Scope): Arbitrary<Wish> => fc.record({
  how: fc.constantFrom('wait', 'try', ...(scope.handles ? ['resume', 'resume'] as const : [])),
  waitMs: fc.constantFrom(3_000, 1_500, 300),
  refreshMs: fc.constantFrom(150, 60, 400),
  tries: fc.constantFrom(4, 1),
  existingRow: fc.constantFrom(...(scope.existingRow ?? [undefined])),
  onRelease: fc.constantFrom(...(scope.onRelease ?? ['delete', 'keep'] as const)),
  consistentReleased: fc.constantFrom(...(scope.consistentReleased ?? [undefined])),
  ...(scope.reentrant === 'shared' ? { reentrant: fc.boolean() } : {}),
  ...(scope.permits ? { permits: fc.constantFrom(...scope.permits) } : {}),
});

const deedOf = (scope: Scope, work: readonly Work['kind'][], depth: number): Arbitrary<Deed> => fc.oneof(
  ...work.map((kind): Arbitrary<Deed> => WORK[kind]),
  ...(scope.reentrant && depth > 0 ? [fc.record({
    kind: fc.constant('again' as const),
    deeds: fc.array(deedOf(scope, work, depth - 1), { maxLength: 2, size: 'max' }),
    release: fc.integer({ min: 0, max: 3 }).map((n) => n < 3),
  })] : []),
  ...(scope.handles ? [{ weight: 3, arbitrary: fc.constant({ kind: 'handOver' as const }) }] : []),
);

const key = ({ keys = 1 }: Scope): Arbitrary<string> => fc.integer({ min: 1, max: keys }).map((n) => `lock-${n}`);

const sessionOf = (scope: Scope, work: readonly Work['kind'][]): Arbitrary<Session> => fc.record({
  id: key(scope),
  after: fc.oneof(quick, fc.integer({ min: 0, max: 600 })),
  wish: wishOf(scope),
  work: fc.array(deedOf(scope, work, 2), { maxLength: 4, size: 'max' }),
  ...(scope.together ? { ids: fc.array(key(scope), { minLength: 1, maxLength: (scope.keys ?? 1) + 1, size: 'max' }) } : {}),
  // Whoever holds locks and waits for others may wait for himself.
  release: scope.together ? fc.constant(true) : fc.integer({ min: 0, max: 3 }).map((n) => n < 3),
});

const nodeOf = (scope: Scope): Arbitrary<NodePlan> => {
  const { troubles = [], fates = [], work = ['pause', 'count', 'guard', 'heartbeat', 'ensure'], sessions = 3, tasks = 1, heartbeats = ['auto'], closes = false } = scope;
  return fc.record({
    start: fc.oneof(quick, fc.integer({ min: 0, max: 1_500 })),
    monotonicOffset: fc.constantFrom(0, 5_000, 77_777),
    wallOffset: fc.constantFrom(0, -3_600_000, 12_345),
    leaseMs: fc.constantFrom(LEASE_MS, 600),
    heartbeatMs: fc.constantFrom(...heartbeats.flatMap((which): readonly (number | false)[] => (which === 'hand' ? [false] : [250, 150]))),
    safetyMarginMs: fc.constantFrom(0, 50),
    requestTimeoutMs: fc.constantFrom(200, 330, 1_200),
    client: fc.constant('node' as const),
    tasks: fc.array(fc.array(sessionOf(scope, work), { minLength: 1, maxLength: sessions, size: 'max' }), { minLength: 1, maxLength: tasks, size: 'max' }),
    troubles: troubles.length === 0 ? fc.constant([]) : fc.array(fc.oneof(...troubles.map((kind) => TROUBLES[kind])), { maxLength: 3, size: 'max' }),
    fates: fatesOf(fates),
    closeAt: closes ? fc.option(moment, { nil: undefined }) : fc.constant(undefined),
  });
};

/** Java's clock is the monotonic one alone, so that it is lost when it is suspended. */
const peerOf = (scope: Scope, { old = false, existingRow = ['replace', 'update'], onRelease = ['delete', 'keep'] }: NonNullable<Scope['java']>): Arbitrary<NodePlan> => nodeOf({
  ...scope, existingRow, onRelease, consistentReleased: [false, true], work: ['pause', 'count'], tasks: 1, heartbeats: ['auto'], closes: false,
  troubles: (scope.troubles ?? []).filter((kind) => kind !== 'suspend'),
}).map((node) => ({ ...node, client: old ? 'old-java' as const : 'java' as const }));

export const planOf = (scope: Scope): Arbitrary<Plan> => fc.record({
  seed: fc.nat(1_000),
  operator: fc.array(
    fc.record({ at: moment, id: fc.constant('lock-1'), kind: fc.constantFrom(...(scope.operator ?? ['delete' as const])) }),
    { maxLength: scope.operator ? 3 : 0 },
  ),
  nodes: fc.tuple(
    fc.array(nodeOf(scope), { minLength: scope.nodes, maxLength: scope.nodes, size: 'max' }),
    scope.java ? fc.array(peerOf(scope, scope.java), { minLength: scope.java.nodes, maxLength: scope.java.nodes, size: 'max' }) : fc.constant([]),
  ).map(([nodes, peers]) => [...nodes, ...peers]),
});
