import type { Owned } from '../../../../src/locks/lease/owned';
import { freely, type Mutant } from './mutant';
import { WORLDS, type World } from './scopes';

/** Many who want the same two, and have one of them for a while. */
const crossing: World = { scope: { nodes: 4, keys: 2, sessions: 2, fates: ['well', 'well', 'well'], work: ['pause'], together: true } };

/** Mistakes in what is made of locks: counted ones, handles, permits, several at once. */
export const SEVERAL_MUTANTS: readonly Mutant[] = [
  {
    name: 'the first release of a counted lock frees it',
    world: WORLDS.nested,
    breaks: ['I4'],
    replace: () => ({
      'lease/lock': ({ createLock }) => ({
        createLock: (settings, holding) => createLock(settings, Object.create(holding, { holds: { get: () => 1, set: () => {} } }) as typeof holding),
      }),
    }),
  },
  {
    name: 'the last release of a counted lock does not free it',
    world: WORLDS.nested,
    breaks: ['I4'],
    replace: () => ({
      'lease/lock': ({ createLock }) => ({
        createLock: (settings, holding) => {
          holding.holds += holding.holds > 1 ? 1 : 0;
          return createLock(settings, holding);
        },
      }),
    }),
  },
  {
    name: 'a resume does not look at the version',
    world: WORLDS.handles,
    breaks: ['I1', 'I2', 'I4'],
    replace: () => ({
      'lease/resume': ({ resumeLock }) => ({
        resumeLock: (settings, ...rest) => resumeLock({ ...settings, table: { ...settings.table, write: (request, options) => settings.table.write(freely(request), options) } }, ...rest),
      }),
    }),
  },
  {
    name: 'a resume looks at nothing but the version',
    world: WORLDS.handles,
    breaks: ['I2', 'I4'],
    replace: () => ({
      'lease/resume': ({ resumeLock }) => ({
        resumeLock: (settings, name, handle) => {
          const { acquisitionId, ownerName } = handle;
          const read: typeof settings.table.read = async (...given) => {
            const answer = await settings.table.read(...given);
            return answer.kind === 'done' && answer.item ? { ...answer, item: { ...answer.item, acquisitionId, ownerName } } : answer;
          };
          return resumeLock({ ...settings, table: { ...settings.table, read } }, name, handle);
        },
      }),
    }),
  },
  {
    name: 'a resume does not renew the lease that it counts',
    world: WORLDS.handles,
    breaks: ['I1', 'I4'],
    replace: () => ({
      'lease/resume': ({ resumeLock }) => ({
        resumeLock: (settings, ...rest) => resumeLock({ ...settings, table: { ...settings.table, write: () => Promise.resolve({ kind: 'done' }) } }, ...rest),
      }),
    }),
  },
  {
    name: 'a permit is granted when its slot was seen free',
    world: WORLDS.permits,
    breaks: ['I1', 'I2'],
    replace: () => ({
      'lease/requests': ({ acquireRequest }) => ({
        acquireRequest: (grant, expected) => (expected.kind === 'released' || expected.kind === 'absent' ? freely(acquireRequest(grant, expected)) : acquireRequest(grant, expected)),
      }),
    }),
  },
  {
    name: 'a pool has one slot too many',
    world: WORLDS.permits,
    breaks: ['I1'],
    replace: () => ({ 'lease/permits': ({ createPermits }) => ({ createPermits: (parts, name, size) => createPermits(parts, name, size + 1) }) }),
  },
  {
    name: 'a pool forgets its last slot',
    world: WORLDS.permits,
    breaks: ['I5'],
    replace: () => ({ 'lease/permits': ({ createPermits }) => ({ createPermits: (parts, name, size) => createPermits(parts, name, Math.max(1, size - 1)) }) }),
  },
  {
    name: 'several locks are acquired in the order of the caller',
    world: crossing,
    breaks: ['in vain', 'I7'],
    replace: () => ({
      'lease/acquire-all': ({ acquireAll }) => ({
        acquireAll: (settings, own, keys, options) => {
          const order = [...new Set(keys.map((key) => (typeof key === 'string' ? key : key.key)))].values();
          return acquireAll(settings, (name, given) => own({ ...name, key: order.next().value ?? name.key }, given), keys, options);
        },
      }),
    }),
  },
  {
    name: 'of several locks, those that were had are not given back',
    world: WORLDS.allOrNone,
    breaks: ['I4'],
    replace: () => ({
      'lease/acquire-all': ({ acquireAll }) => ({
        acquireAll: async (settings, own, keys, options) => {
          let done = false;
          const kept = async (...given: Parameters<typeof own>): Promise<Owned> => {
            const { lock, held } = await own(...given);
            const release: typeof lock.release = (how) => (done ? lock.release(how) : Promise.resolve('released'));
            return { held, lock: Object.create(lock, { release: { value: release } }) as typeof lock };
          };
          const all = await acquireAll(settings, kept, keys, options);
          done = true;
          return all;
        },
      }),
    }),
  },
];
