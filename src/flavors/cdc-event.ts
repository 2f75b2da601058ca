import { OplockStreamError } from '../errors';
import type { Event } from '../event';
import { describeFound, isObject } from '../found';
import { contractViolation, InvalidRecordError, type RecordName } from '../sources/contract';
import type { Uow } from '../uow';

/** What `toEvent` gives: the fields of the event. Envelope fields that are left out, or undefined, are filled in. */
export type EventFields = { readonly [K in keyof Event]?: Event[K] | undefined };

/** What a rule gives to its events, besides what `toEvent` returns. */
export interface EventContext {
  readonly rule: string;
  readonly tags: Readonly<Record<string, unknown>>;
}

/**
 * The events of a change, complete and checked; `undefined` when there are none. Deterministic: the same change gives
 * the same ids on every delivery. Throws `SECOND_PRECISION` for a change without a usable time, `INVALID_RECORD` for an
 * event that breaks the contract, `SAME_ID_TWICE` for two events with one id.
 */
export const toDomainEvents = (uow: Uow, returned: unknown, context: EventContext): Event | readonly Event[] | undefined => {
  if (returned === undefined || returned === null) return undefined;
  if (!Array.isArray(returned)) return complete(uow, returned, '', context);
  const events = returned.map((fields: unknown, i) => complete(uow, fields, `.${i}`, context));
  const ids = new Set(events.map(({ id }) => id));
  if (ids.size < events.length) {
    throw new OplockStreamError('SAME_ID_TWICE', `rule "${context.rule}" made two events with one id of event ${uow.event.id}: whoever reads them would drop one as a duplicate`);
  }
  return events.length > 0 ? events : undefined;
};

const complete = ({ event: change, origin }: Uow, returned: unknown, suffix: string, { rule, tags }: EventContext): Event => {
  const name: RecordName = { source: `rule "${rule}", event of ${origin.source}`, record: origin.identifier };
  if (!isObject(returned)) throw new InvalidRecordError(name, 'the result of toEvent', describeFound(returned), 'an object with the fields of the event, a list of them, or nothing');
  const fields = Object.fromEntries(Object.entries(returned).filter(([, value]) => value !== undefined));
  if (fields['timestamp'] === undefined && origin.clock === 'stream-second') throw secondPrecision(rule);
  const event = {
    id: `${change.id}.${rule}${suffix}`,
    type: change.type,
    timestamp: change.timestamp,
    partitionKey: change.partitionKey ?? origin.key,
    ...fields,
    tags: { ...tags, ...(isObject(fields['tags']) && fields['tags']) },
  };
  // The source has judged its own time already, by its own options.
  const violation = contractViolation(event, name, fields['timestamp'] === undefined ? { minTimestamp: -Infinity } : {});
  if (violation) throw violation;
  const key: unknown = event.partitionKey;
  if (typeof key !== 'string' || key === '') throw new InvalidRecordError(name, 'partitionKey', describeFound(key), 'a non-empty string, the same for all events of one thing');
  return event;
};

const secondPrecision = (rule: string): OplockStreamError =>
  new OplockStreamError(
    'SECOND_PRECISION',
    `rule "${rule}": the only time of this change is the stream's approximate one, truncated to the second, and as the timestamp of an event it would `
      + 'lose against every other of that second. Put a millisecond `timestamp` on the row (the stream needs its images), or return one from toEvent',
  );
