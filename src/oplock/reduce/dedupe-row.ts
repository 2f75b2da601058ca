import { describeFound, isObject } from '../../found';
import type { Companion, ItemKey } from '../attempt/attempt';
import { expiry } from '../expiry';
import { invalidWrite } from '../value/invalid';
import type { Counter } from './counters';

interface Counted {
  readonly key: ItemKey;
  readonly eventId: string;
  readonly eventTime: unknown;
  /** Epoch ms. */
  readonly now: number;
  /** Attribute that DynamoDB's TTL looks at. */
  readonly ttl: string;
}

/** The row that says that the event has been counted in the item. It is put with the counting, and must not be there before. */
export const rowOf = (counter: Extract<Counter, { by: 'dedupeItem' }>, { key, eventId, eventTime, now, ttl }: Counted): Companion => {
  const own: unknown = counter.key ? counter.key(key, eventId) : keyOf(key, eventId);
  const [first] = isObject(own) ? Object.keys(own) : [];
  if (first === undefined) throw invalidWrite(['reduce', counter.attribute, 'key'], `its result is ${describeFound(own)} where the key of a row belongs`);
  return {
    tableName: counter.tableName, key: own as ItemKey, how: 'put',
    set: { [ttl]: expiry(now, eventTime, counter.keepForDays) },
    requires: [{ is: 'absent', attribute: first }],
  };
};

/** No two events and items have one: in the id there is no `#` left that could be that behind it. */
const keyOf = (key: ItemKey, eventId: string): ItemKey => {
  const last = Object.keys(key).sort().at(-1) as string;
  const value = key[last];
  if (typeof value === 'string') return { ...key, [last]: `#counted#${eventId.replace(/[%#]/g, encodeURIComponent)}#${value}` };
  throw invalidWrite(['key', last], `found ${describeFound(value)}, and the key of the row that counts an event is made of a string: say \`reduce: { n: { by: 'dedupeItem', key } }\``);
};
