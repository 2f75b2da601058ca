import type { LockClientOptions } from '../../../../src/locks';
import type * as ClockModule from '../../../../src/locks/clock';
import type { LockRequest } from '../../../../src/locks/table/request';
import { conditionOf, tautology, type CreateClient, type Mutant } from './mutant';
import { WORLDS, type World } from './scopes';

/** What the mutated client says of its clock. */
const withClock = (change: (options: LockClientOptions) => Partial<LockClientOptions['clock']>) => (create: CreateClient): CreateClient =>
  (options) => create({ ...options, clock: { ...options.clock, ...change(options) } as NonNullable<LockClientOptions['clock']> });

/** Worlds in which little else happens. */
const slow = WORLDS.slow;
const often = ['well', 'well', 'well', 'well', 'well'] as const;
const lateWrites: World = { scope: { nodes: 3, fates: often, work: ['guard'], sessions: 2, heartbeats: ['hand'] } };
const contended: World = { scope: { nodes: 4, fates: often, troubles: ['crash', 'block'], work: ['pause'], sessions: 2 } };
const unrenewed: World = { scope: { nodes: 3, fates: ['well', 'mute', 'lost'], work: ['pause', 'guard'], sessions: 2, heartbeats: ['hand'] } };
const lateReleases: World = {
  scope: {
    nodes: 2, java: { nodes: 2, old: true, existingRow: ['update'], onRelease: ['delete'] }, fates: ['well'], troubles: ['block'], work: ['pause'], sessions: 2,
    heartbeats: ['hand'], onRelease: ['keep'],
  },
  fleet: { java: true },
};

/** Mistakes in plain locks. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'half a lease is waited for',
    world: contended,
    breaks: ['I1', 'I2'],
    replace: () => ({ 'lease/observations': () => ({ isExpired: ({ leaseMs, since }, now) => now - since > leaseMs / 2 }) }),
  },
  {
    name: 'the contender waits for a lease of its own length',
    world: contended,
    breaks: ['I1', 'I2'],
    replace: () => ({
      'lease/observations': ({ createObservations }) => ({
        createObservations: (max) => {
          const observations = createObservations(max);
          return { ...observations, see: (id, row, now) => observations.see(id, { ...row, leaseMs: Math.min(row.leaseMs, 600) }, now) };
        },
      }),
    }),
  },
  {
    name: 'a released row is taken unconditionally',
    world: WORLDS.readFirst,
    breaks: ['I1', 'I2'],
    replace: () => ({
      'lease/requests': ({ acquireRequest }) => ({
        acquireRequest: (grant, expected) => (expected.kind === 'released'
          ? conditionOf(acquireRequest({ ...grant }, { kind: 'absent' }), () => tautology) : acquireRequest(grant, expected)),
      }),
    }),
  },
  {
    name: 'an expired row is taken whatever its version',
    world: contended,
    breaks: ['I1', 'I2'],
    replace: () => ({
      'lease/requests': ({ acquireRequest }) => ({
        acquireRequest: (grant, expected) => (expected.kind === 'expired' ? conditionOf(acquireRequest(grant, { kind: 'absent' }), () => tautology) : acquireRequest(grant, expected)),
      }),
    }),
  },
  {
    name: 'renewals keep the version',
    world: slow,
    breaks: ['I1', 'I2'],
    replace: () => ({
      'lease/requests': ({ heartbeatRequest }) => ({ heartbeatRequest: (identity, rvn, next) => heartbeatRequest(identity, rvn, { ...next, rvn }) }),
    }),
  },
  {
    name: 'the holder counts from the answer',
    world: unrenewed,
    breaks: ['I1'],
    replace: () => {
      // Every moment that was noted before an answer moves to the answer.
      let noted: { monotonic: number; wall: number; readonly clock: ClockModule.LockClock } | undefined;
      return {
        clock: ({ instantOf }) => ({ instantOf: (clock) => (noted = { ...instantOf(clock), clock }) }),
        'table/lock-table': ({ createLockTable }) => ({
          createLockTable: (options) => {
            const table = createLockTable(options);
            return {
              ...table,
              write: async (...given) => {
                const mine = noted;
                const answer = await table.write(...given);
                if (mine) Object.assign(mine, { monotonic: mine.clock.monotonic(), wall: mine.clock.wall() });
                return answer;
              },
            };
          },
        }),
      };
    },
  },
  {
    name: 'the contender counts from before the read',
    world: slow,
    breaks: ['I1', 'I2'],
    replace: () => {
      let asked = 0;
      return {
        'lease/observations': ({ createObservations }) => ({
          createObservations: (max) => {
            const observations = createObservations(max);
            return { ...observations, see: (id, row) => observations.see(id, row, asked) };
          },
        }),
        'table/lock-table': ({ createLockTable }) => ({
          createLockTable: (options) => {
            const table = createLockTable(options);
            const timed = <A extends readonly unknown[], R>(run: (...given: A) => Promise<R>) => async (...given: A): Promise<R> => {
              const before = options.clock.monotonic();
              const answer = await run(...given);
              asked = before;
              return answer;
            };
            return { ...table, read: timed(table.read), write: timed(table.write) };
          },
        }),
      };
    },
  },
  {
    name: 'renewals do not look at isReleased',
    world: WORLDS.operator,
    breaks: ['I2'],
    replace: () => ({
      'lease/requests': ({ heartbeatRequest }) => ({
        heartbeatRequest: (...given) => conditionOf(heartbeatRequest(...given), (condition) => condition.replace(/attribute_not_exists\((#n\d+)\)$/, '($& OR attribute_exists($1))')),
      }),
    }),
  },
  {
    name: 'a refused renewal is a lost lock',
    world: WORLDS.lossy,
    breaks: ['I4'],
    replace: () => ({
      'lease/judge': ({ judgeRenewal }) => ({
        judgeRenewal: (answer, mine) => (answer.kind === 'refused' ? { kind: 'lost', reason: 'stolen', by: 'somebody' } : judgeRenewal(answer, mine)),
      }),
    }),
  },
  {
    name: 'a release keeps the version, and an old Java client takes the row',
    world: lateReleases,
    breaks: ['I1', 'a lock that is granted'],
    replace: () => ({ 'lease/requests': ({ keepRequest }) => ({ keepRequest: (identity, rvn, next) => keepRequest(identity, rvn, { ...next, rvn }) }) }),
  },
  {
    name: 'no timer watches the deadline',
    world: WORLDS.cutOff,
    breaks: ['I6'],
    // The only timers longer than a request that keep nothing alive.
    wrap: withClock(({ clock, leaseMs = 0 }) => ({
      after: (ms, task, options) => (!options?.keepAlive && ms > leaseMs / 2 ? { cancel: () => {} } : (clock as ClockModule.LockClock).after(ms, task, options)),
    })),
  },
  {
    name: 'an own row is adopted late, with a new lease',
    world: unrenewed,
    breaks: ['I1'],
    replace: () => ({
      'lease/decide': ({ decide }) => ({
        decide: (read, wish, known) => (read?.kind === 'lock' && !read.row.released && known.attempts.has(read.row.rvn)
          ? { kind: 'adopt', row: read.row, from: { monotonic: known.clock.monotonic(), wall: known.clock.wall() } } : decide(read, wish, known)),
      }),
    }),
  },
  {
    name: 'the holder does not look at the wall clock',
    world: WORLDS.frozen,
    breaks: ['I1'],
    replace: () => ({ clock: () => ({ elapsedSince: (clock, { monotonic }) => clock.monotonic() - monotonic }) }),
  },
  {
    name: 'guarded writes do not look at the lock',
    world: lateWrites,
    breaks: ['I3'],
    replace: () => ({
      'lease/requests': ({ checkItem }) => ({
        checkItem: (...given) => {
          const { ConditionCheck } = checkItem(...given);
          return { ConditionCheck: ConditionCheck && { ...ConditionCheck, ConditionExpression: `(${ConditionCheck.ConditionExpression}) OR attribute_not_exists(x) OR attribute_exists(x)` } };
        },
      }),
    }),
  },
  {
    name: 'the fencing token stays as it is',
    world: WORLDS.exclusive,
    breaks: ['I2'],
    replace: () => ({
      'lease/requests': ({ acquireRequest }) => ({
        acquireRequest: (...given) => {
          const request = acquireRequest(...given);
          const [, one = ''] = /if_not_exists\([^)]*\) \+ (:v\d+)/.exec(request.op === 'update' ? request.input.UpdateExpression ?? '' : '') ?? [];
          return { ...request, input: { ...request.input, ExpressionAttributeValues: { ...request.input.ExpressionAttributeValues, [one]: 0 } } } as LockRequest;
        },
      }),
    }),
  },
  {
    name: 'close leaves what is held',
    world: WORLDS.two,
    breaks: ['I7'],
    wrap: (create) => (options) => ({ ...create(options), close: async () => {} }),
  },
  {
    name: 'the lease is a number in the row',
    world: slow,
    breaks: ['I8'],
    replace: () => ({
      'lease/requests': ({ acquireRequest }) => ({
        acquireRequest: (grant, expected) => {
          const request = acquireRequest(grant, expected);
          return request.op === 'put' ? { ...request, input: { ...request.input, Item: { ...request.input.Item, leaseDuration: grant.leaseMs } } } : request;
        },
      }),
    }),
  },
];
