import { passes, type Attempt, type Refusal, type Result } from '../attempt/attempt';
import type { OplockSettings } from '../settings';
import type { Write } from '../write';
import type { Sidecar } from './sidecar-key';
import { storedVerdict } from './stored-verdict';
import { planTombstone } from './tombstone';

/**
 * The item goes, and its sidecar comes, in one transaction. Of an item and its sidecar never both are there, so the one
 * that is there has the newest oplock: this takes the item away, and the first update of an item its sidecar.
 */
export const planSidecarDelete = (write: Write, settings: OplockSettings): Attempt => {
  const { requires, set, ...tombstone } = planTombstone(write, settings);
  return {
    ...tombstone, how: 'delete', set: {}, requires,
    companions: [{ ...write.sidecar as Sidecar, how: 'put', set, requires }],
    afterRefusal: (refusal) => ({ kind: 'refused', results: [verdictBeside(refusal, write, settings)] }),
  };
};

/** Why an event is too old, from what was there when a transaction of an item and its sidecar was refused. */
export const verdictBeside = ({ item, companions }: Refusal, { oplock }: Write, settings: OplockSettings): Result =>
  storedVerdict(item, oplock, settings) ?? storedVerdict(companions.at(-1)?.item, oplock, settings) ?? passes('the stored oplocks are older than the event');
