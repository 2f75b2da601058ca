import type { Item } from '../attempt/attempt';
import { standingOf } from '../attempt/standing';
import type { Oplock } from '../order';
import type { Verdict } from '../verdict/kinds';
import type { GroupLayout } from './layout';

/** What a delete that is not older than the event makes of it: nothing of the event can be applied. */
export const verdictOfDeletion = ({ deletion }: GroupLayout, item: Item, event: Oplock): Verdict | undefined => {
  const standing = standingOf(deletion, item, event);
  switch (standing.kind) {
    case 'older': return undefined;
    case 'same': return { kind: 'duplicate' };
    case 'newer': return { ...standing, kind: 'tombstoned' };
    case 'mismatch': return standing;
  }
};
