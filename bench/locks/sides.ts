import type { Group } from '../sides/sides';
import type { MakeLocker } from './locker';

export interface LockSide {
  readonly group: Group;
  readonly label: string;
  /** Its table has a sort key, whether one is needed or not. */
  readonly sorted?: boolean;
  /** Loaded in the process that runs it, and in no other. */
  readonly load: () => Promise<MakeLocker>;
}

/** Every lock client that takes part. A row picks from these. */
export const LOCK_SIDES = {
  'ours': { group: 'ours', label: 'oplock-stream', load: async () => (await import('./ours')).documented },
  'ours-kept': { group: 'ours', label: 'oplock-stream, rows kept', load: async () => (await import('./ours')).kept },
  'ours-exclusive': { group: 'ours', label: 'oplock-stream, exclusive', load: async () => (await import('./ours')).exclusive },
  'dh': { group: 'peer', label: '@deliveryhero/dynamodb-lock', sorted: true, load: async () => (await import('./deliveryhero')).deliveryHero },
  'fail-open': { group: 'peer', label: 'dynamodb-lock-client, FailOpen', load: async () => (await import('./tristanls')).failOpen },
  'fail-closed': { group: 'peer', label: 'dynamodb-lock-client, FailClosed', load: async () => (await import('./tristanls')).failClosed },
  'plain': { group: 'limit', label: 'hand-written conditional writes', load: async () => (await import('./plain')).plain },
} as const satisfies Readonly<Record<string, LockSide>>;

export type LockSideName = keyof typeof LOCK_SIDES;
