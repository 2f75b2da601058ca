import type { Item } from '../attempt/attempt';
import { standingOf } from '../attempt/standing';
import type { Oplock } from '../order';
import type { OplockSettings } from '../settings';
import { olderThan, type Verdict } from '../verdict/kinds';

/** Why an event cannot replace what is stored, an item or a sidecar; `undefined`: it can, for it is newer. */
export const storedVerdict = (item: Item | undefined, event: Oplock, { rest, attributes }: OplockSettings): Verdict | undefined => {
  if (item === undefined) return undefined;
  const standing = standingOf(rest, item, event);
  switch (standing.kind) {
    case 'older': return undefined;
    case 'same': return { kind: 'duplicate' };
    case 'newer': return olderThan(item, attributes.deleted, standing.behindMs);
    case 'mismatch': return standing;
  }
};
