import { toJson, type Json } from '../../faults/to-json';
import type { LockName, LockView } from '../../locks';
import { brokenOf } from '../../locks/lease/break';

/**
 * `expired`: not renewed for a lease while it was watched. `broken`: taken away from its owner, who may believe in the
 * lease until that is over. `released`: nobody's, and its row was kept. `free`: there is no row.
 */
export type LockState = 'held' | 'broken' | 'expired' | 'released' | 'free';

/** What is known of a lock, as `--json` gives it. */
export interface LockEntry extends LockName {
  readonly state: LockState;
  /** Who has it, or had it last. */
  readonly ownerName?: string;
  /** Who has taken it away. */
  readonly brokenBy?: string;
  readonly leaseMs?: number;
  readonly fencingToken?: number;
  readonly recordVersionNumber?: string;
  /** Base64. */
  readonly data?: Json;
  readonly attributes?: Json;
}

/** `expired` is for who has watched it. */
export const entryOf = (name: LockName, view: LockView | undefined, expired = false): LockEntry => {
  if (!view) return { ...name, state: 'free' };
  const { ownerName, leaseMs, fencingToken, recordVersionNumber, data, attributes, released } = view;
  const broken = released ? undefined : brokenOf(ownerName);
  return {
    ...name,
    state: released ? 'released' : expired ? 'expired' : broken ? 'broken' : 'held',
    ownerName: broken?.owner ?? ownerName,
    ...(broken ? { brokenBy: broken.by } : {}),
    leaseMs,
    ...(fencingToken === undefined ? {} : { fencingToken }),
    recordVersionNumber,
    ...(data === undefined ? {} : { data: toJson(data) }),
    attributes: toJson(attributes),
  };
};

/** Somebody has it, or had it and may believe so. */
export const isTaken = ({ state }: LockEntry): boolean => state !== 'free' && state !== 'released';
