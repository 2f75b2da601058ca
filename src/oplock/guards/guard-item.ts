import type { Attempt } from '../attempt/attempt';
import type { OplockSettings } from '../settings';
import type { Write } from '../write';
import { inEpoch } from './epoch';
import { skippingUnchanged } from './unchanged';
import { keepingUnversioned } from './unversioned';

/** The attempt under the rules that the options have for the item as a whole. */
export const guardItem = (attempt: Attempt, writes: readonly Write[], { attributes, epoch, onUnversioned, rest, layout }: OplockSettings): Attempt => {
  const { key } = writes[0] as Write;
  // Within the epoch: what the first event of a new one puts, it puts whole, whatever the hash is.
  const changing = attributes.hash === undefined ? attempt : skippingUnchanged(attempt, writes, attributes.hash);
  const current = epoch === undefined ? changing : inEpoch(changing, key, attributes.epoch as string, epoch);
  // Around the epoch: a row of something else is kept by writers of every epoch.
  return onUnversioned === 'apply' ? current : keepingUnversioned(current, key, layout ? [rest, layout.deletion, ...layout.groups] : [rest]);
};
