import { OplockStreamError } from '../../errors';
import { describeFound, quote } from '../../found';
import type { Attempt, Item } from '../attempt/attempt';
import type { OplockOptions } from '../options';
import { compareValues } from '../value/compare';
import { memberOf } from '../value/type';
import { typeName } from '../verdict/kinds';
import type { KeyValue } from '../write';
import { guarded, refuseAll, type Guard } from './guarded';

/** The options' epoch, a whole number of 0 or more. Throws `INVALID_OPTION`. */
export const epochOf = ({ epoch, epochAttribute, onDelete }: OplockOptions): number | undefined => {
  if (epoch === undefined) {
    if (epochAttribute === undefined) return undefined;
    throw new OplockStreamError('INVALID_OPTION', 'oplock.epochAttribute names the attribute of an epoch, and there is none: give `epoch`, too, or leave it out');
  }
  if (onDelete !== undefined && onDelete !== 'tombstone') {
    throw new OplockStreamError('INVALID_OPTION', 'oplock.epoch with onDelete: only a tombstone carries the epoch, without which an event of an older edition would bring the item back. Leave onDelete out, or replay into a new table');
  }
  if (typeof epoch === 'number' && Number.isSafeInteger(epoch) && epoch >= 0) return epoch;
  throw new OplockStreamError('INVALID_OPTION', `oplock.epoch: found ${describeFound(epoch)} where a whole number belongs, 0 or more, greater than that of the rules before`);
};

/**
 * The attempt, for a writer of an epoch. An item of an older one counts as absent: the first event of the epoch puts the
 * item whole, as if the table had been empty; one of a newer epoch takes no event of this one. A row without an epoch is
 * of epoch 0, so that 0 fences a table in use without a change to its rows.
 *
 * @param first the attempt that holds where there is no item
 */
export const inEpoch = (first: Attempt, key: Readonly<Record<string, KeyValue>>, attribute: string, epoch: number): Attempt => {
  const attempt = (): Attempt => guarded(first, guard);
  const guard: Guard = {
    requirement: { is: 'inEpoch', attribute, epoch, keyAttribute: Object.keys(key)[0] as string },
    set: { [attribute]: epoch },
    judge: (item, refused) => {
      const stored = epochIn(item, attribute);
      switch (compareValues(stored, epoch)) {
        case undefined: return refuseAll(refused, { kind: 'mismatch', reason: `${quote(attribute)} holds ${typeName(stored)}, the writer's epoch is a number` });
        case -1: return replacing(first, attempt, attribute, epoch);
        case 0: return undefined;
        case 1: return refuseAll(refused, { kind: 'stale', epoch: Number(stored) });
      }
    },
  };
  return attempt();
};

/** As the conditions take it: only where there is nothing it is 0. NULL is no epoch, and no write would ever get past it. */
export const epochIn = (item: Item, attribute: string): unknown => {
  const stored = memberOf(item, attribute);
  return stored === undefined ? 0 : stored;
};

/** What the events would make of an empty table, in place of what is there; all over again, if another one did that first. */
const replacing = (first: Attempt, again: () => Attempt, attribute: string, epoch: number): Attempt => ({
  ...first, how: 'put', remove: [],
  set: { ...first.set, [attribute]: epoch },
  requires: [{ is: 'beforeEpoch', attribute, epoch }],
  afterRefusal: again,
});
