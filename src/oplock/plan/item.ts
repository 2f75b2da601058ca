import type { Attempt } from '../attempt/attempt';
import { planDelete } from '../deletes/plan-delete';
import { planUpdatesBeside } from '../deletes/sidecar-update';
import { guardItem } from '../guards/guard-item';
import type { OplockSettings } from '../settings';
import type { Write } from '../write';
import { planUpdates } from './updates';

/**
 * One conditional write for the events of one item: for updates, or for a delete with events that are all older. Pure.
 *
 * @param writes at least one, in the order of their oplocks, as `runsOf` gives them
 */
export const planItem = (writes: readonly Write[], settings: OplockSettings): Attempt => {
  const newest = writes.at(-1) as Write;
  return guardItem(newest.kind === 'tombstone' ? planDelete(writes, settings) : planLiving(writes, settings), writes, settings);
};

const planLiving = (writes: readonly Write[], settings: OplockSettings): Attempt =>
  (settings.deleting.kind === 'sidecar' ? planUpdatesBeside(writes, settings) : planUpdates(writes, settings));
