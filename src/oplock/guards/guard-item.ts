import type { Attempt } from '../attempt/attempt';
import type { OplockSettings } from '../settings';
import type { Write } from '../write';
import { inEpoch } from './epoch';
import { keepingUnversioned } from './unversioned';

/** The attempt under the rules that the options have for the item as a whole. */
export const guardItem = (attempt: Attempt, { key }: Write, { attributes, epoch, onUnversioned, rest, layout }: OplockSettings): Attempt => {
  const current = epoch === undefined ? attempt : inEpoch(attempt, key, attributes.epoch as string, epoch);
  // Around the epoch: a row of something else is kept by writers of every epoch.
  return onUnversioned === 'apply' ? current : keepingUnversioned(current, key, layout ? [rest, layout.deletion, ...layout.groups] : [rest]);
};
