import type { Attempt } from '../attempt/attempt';
import { planDelete } from '../deletes/plan-delete';
import { planUpdatesBeside } from '../deletes/sidecar-update';
import type { OplockSettings } from '../settings';
import type { Write } from '../write';
import { planUpdates } from './updates';

/**
 * One conditional write for the events of one item: for updates, or for a delete with events that are all older. Pure.
 *
 * @param writes at least one, in the order of their oplocks, as `runsOf` gives them
 * @throws OplockStreamError `INVALID_WRITE`
 */
export const planItem = (writes: readonly Write[], settings: OplockSettings): Attempt => {
  if (writes.at(-1)?.kind === 'tombstone') return planDelete(writes, settings);
  return settings.deleting.kind === 'sidecar' ? planUpdatesBeside(writes, settings) : planUpdates(writes, settings);
};
