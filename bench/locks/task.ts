import type { LockerSettings } from './locker';
import type { Renewals } from './renewals';
import type { LockSideName } from './sides';

export interface LockWorkerSettings {
  readonly side: LockSideName;
  readonly locker: LockerSettings;
}

/** `keys`: one after the other, each is acquired and released. */
export interface PairsTask {
  readonly kind: 'pairs';
  readonly keys: readonly string[];
}

export interface Pairs {
  /** Of each pair, ms from the call of acquire to the return of release. */
  readonly ms: readonly number[];
  /** HTTP requests of the acquisitions, and of the releases. */
  readonly acquiring: number;
  readonly releasing: number;
}

/** `keys`: each is held by one node while the others wait for it, all keys at once. */
export interface HandOverTask {
  readonly kind: 'hand-over';
  readonly keys: readonly string[];
  /** Nodes for each key, the holder included. */
  readonly nodes: number;
}

export interface HandOvers {
  /** Of each key, ms from the return of the holder's release to the first grant. */
  readonly ms: readonly number[];
  /** Of those who wait, until the first of them is granted the lock. */
  readonly requests: number;
  readonly waitedSeconds: number;
}

/** `take` acquires, `keep` lets the time pass while the locks are renewed, `give` releases. */
export type HoldTask = { readonly kind: 'take'; readonly keys: readonly string[] } | { readonly kind: 'keep'; readonly ms: number } | { readonly kind: 'give' };

export interface Kept extends Omit<Renewals, 'since'> {
  readonly cpuUs: number;
  readonly ms: number;
}

export type LockTask = PairsTask | HandOverTask | HoldTask;

/** What a task comes to. */
export type LockMeasured<T extends LockTask> = T extends PairsTask ? Pairs : T extends HandOverTask ? HandOvers : T extends { readonly kind: 'keep' } ? Kept : undefined;
