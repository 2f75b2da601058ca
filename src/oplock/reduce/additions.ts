import { OplockStreamError } from '../../errors';
import { describeFound, isObject } from '../../found';
import type { Uow } from '../../uow';
import type { Companion, ItemKey } from '../attempt/attempt';
import { checkNumber } from '../value/check-number';
import { invalidWrite } from '../value/invalid';
import { isNumberText, type NumberLike } from '../value/number';
import { isWellFormed } from '../value/well-formed';
import type { WriteRequest } from '../write';
import { counterUnderOplock } from './choices';
import type { Counter, Counters } from './counters';
import { rowOf } from './dedupe-row';

/** What an event adds to the counters of an item, checked. */
export interface Counts {
  readonly additions: readonly Addition[];
  /** The event says nothing else about the item. */
  readonly only: boolean;
}

/** What an event adds to a counter. */
export interface Addition {
  readonly attribute: string;
  readonly amount: NumberLike;
  readonly once: Once;
}

/** How the event is counted once and no more. */
export type Once =
  | { readonly by: 'sequence'; readonly marker: string; readonly sequence: string | number }
  | { readonly by: 'dedupeSet'; readonly marker: string; readonly eventId: string }
  /** One and the same row for all counters of the event. */
  | { readonly by: 'dedupeItem'; readonly row: Companion };

interface Context {
  /** Attribute that DynamoDB's TTL looks at. */
  readonly ttl: string;
  readonly key: ItemKey;
  readonly uow: Uow;
  /** Epoch ms. */
  readonly now: number;
  readonly counters: Counters | undefined;
  /** Must the item have an oplock? */
  readonly stamped: boolean;
}

const MAX_ID_BYTES = 1024;

/**
 * @throws OplockStreamError `COUNTER_UNDER_OPLOCK` for an attribute that is not declared as a counter, `NO_SEQUENCE`,
 *   `INVALID_WRITE`
 */
export const planCounts = ({ add, set, remove }: WriteRequest, context: Context): Counts | undefined => {
  const additions = add === undefined ? [] : planAdditions(add, context);
  return additions.length === 0 ? undefined : { additions, only: set === undefined && remove === undefined && !context.stamped };
};

const planAdditions = (add: unknown, context: Context): readonly Addition[] => {
  if (!isObject(add) || add instanceof Map) throw invalidWrite(['add'], `found ${describeFound(add)} where an object of numbers belongs`);
  const rows = new Map<string, Companion>();
  return Object.entries(add).map(([attribute, amount]): Addition => {
    const path = ['add', attribute];
    const counter = context.counters?.of.get(attribute);
    if (!counter) throw counterUnderOplock(`add.${attribute}: nothing says how this attribute counts, and under an oplock alone every late event would be lost.`, { attribute });
    if (!isNumberLike(amount)) throw invalidWrite(path, `found ${describeFound(amount)} where a number belongs`);
    return { attribute, amount: checkNumber(amount, path), once: onceOf(counter, context, rows) };
  });
};

const isNumberLike = (value: unknown): value is NumberLike =>
  typeof value === 'number' || typeof value === 'bigint' || (typeof value === 'object' && value !== null && isNumberText(value));

const onceOf = (counter: Counter, { key, uow, now, ttl }: Context, rows: Map<string, Companion>): Once => {
  switch (counter.by) {
    case 'sequence': return { by: counter.by, marker: counter.marker, sequence: placeOf(counter, uow) };
    case 'dedupeSet': return { by: counter.by, marker: counter.marker, eventId: idOf(uow) };
    case 'dedupeItem': {
      const row = rowOf(counter, { key, eventId: idOf(uow), eventTime: uow.event.timestamp, now, ttl });
      const name = JSON.stringify([row.tableName, Object.entries(row.key).map(([attribute, value]) => [attribute, String(value)])]);
      const known = rows.get(name) ?? row;
      rows.set(name, known);
      return { by: counter.by, row: known };
    }
  }
};

const idOf = ({ event: { id } }: Uow): string => {
  if (typeof id === 'string' && id !== '' && Buffer.byteLength(id) <= MAX_ID_BYTES && isWellFormed(id)) return id;
  throw invalidWrite(['event', 'id'], `found ${describeFound(id)} where a text of 1 to ${MAX_ID_BYTES} bytes belongs, the same for every delivery of the event: counting goes by it`);
};

const placeOf = ({ attribute, sequence }: Extract<Counter, { by: 'sequence' }>, uow: Uow): string | number => {
  if (!sequence) return brokerSequenceOf(uow, attribute);
  const found: unknown = sequence(uow);
  if (Number.isSafeInteger(found) || (typeof found === 'string' && found !== '' && Buffer.byteLength(found) <= MAX_ID_BYTES && isWellFormed(found))) return found as string | number;
  throw invalidWrite(['reduce', attribute, 'sequence'], `its result is ${describeFound(found)} where a whole number, or a text of 1 to ${MAX_ID_BYTES} bytes, belongs`);
};

const brokerSequenceOf = ({ origin }: Uow, attribute: string): string => {
  if (origin.sequence !== undefined) return origin.sequence;
  throw new OplockStreamError(
    'NO_SEQUENCE',
    `reduce.${attribute}: the broker's sequence number is to count, and ${origin.source} gives none that orders changes: use \`'dedupeSet'\` or \`'dedupeItem'\`, or say \`{ by: 'sequence', sequence }\``,
  );
};
