import type { Event } from '../event';
import { describeFound, isObject, own } from '../found';
import type { Clock } from '../uow';
import { keyText, plainImages, textOf, type Change } from './change';
import { changeTime } from './change-time';
import { contractViolation, InvalidRecordError, type ContractOptions, type RecordName } from './contract';
import { isReplica } from './replica';

/** How the rows of a table become change events. */
export interface ChangeOptions extends ContractOptions {
  /** Name of the partition key attribute. Default `pk`; a table whose only key attribute has another name needs no option. */
  readonly pkFn?: string;
  /** Name of the sort key attribute. Default `sk`. */
  readonly skFn?: string;
  /** Name of the attribute that says what a row is: the prefix of the event type, in lower case. Default `discriminator`. */
  readonly discriminatorFn?: string;
  /** The prefix of the event type, whatever the row says. */
  readonly eventTypePrefix?: string;
  /** Name of the attribute with the row's own time in epoch ms. Default `timestamp`. */
  readonly timestampAttribute?: string;
  /** Leave out deletes by time to live. Default false: they are `deleted` events with `tags.ttlExpired`. */
  readonly ignoreTtlExpiredEvents?: boolean;
  /** Leave out what another region of a global table wrote. Default true. */
  readonly ignoreReplicas?: boolean;
}

export interface ChangeEvent {
  readonly event: Event;
  readonly clock: Clock;
  /** Canonical text of the partition key. */
  readonly key: string;
  /** Why it is left out, if it is. */
  readonly skip?: string;
}

/** The canonical text of a row's partition key, or `undefined` when it is not among the keys. */
export const partitionKeyOf = (keys: unknown, { pkFn = 'pk' }: ChangeOptions): string | undefined => {
  if (!isObject(keys)) return undefined;
  const [first, second] = Object.keys(keys);
  return keyText(own(keys, pkFn) ?? (first !== undefined && second === undefined ? own(keys, first) : undefined));
};

/** @throws InvalidRecordError */
export const toChangeEvent = (change: Change, name: RecordName, options: ChangeOptions): ChangeEvent => {
  const key = partitionKeyOf(change.keys, options);
  if (key === undefined) {
    const pkFn = options.pkFn ?? 'pk';
    const found = own(change.keys, pkFn) === undefined ? `only ${Object.keys(change.keys).map((one) => JSON.stringify(one.slice(0, 40))).slice(0, 4).join(', ')}` : describeFound(own(change.keys, pkFn));
    throw new InvalidRecordError(name, `dynamodb.Keys.${pkFn}`, found, 'a string, number or binary key (option pkFn names the attribute)');
  }
  const { timestamp, clock } = changeTime(change, options.timestampAttribute ?? 'timestamp', name, options);
  const event = {
    id: change.id as string, // checked below, as part of the contract
    type: `${prefixOf(change, key, options)}-${suffixOf(change)}`,
    partitionKey: key,
    timestamp,
    tags: {
      ...(change.region !== undefined && { region: change.region }),
      ...(change.expired && { ttlExpired: true }),
    },
    raw: plainImages(change, name),
  };
  const violation = contractViolation(event, name, { minTimestamp: -Infinity }); // the time was checked with its own field's name
  if (violation) throw violation;
  const skip = skipReason(change, options);
  return { event, clock, key, ...(skip !== undefined && { skip }) };
};

const skipReason = (change: Change, { ignoreReplicas = true, ignoreTtlExpiredEvents = false }: ChangeOptions): string | undefined => {
  if (ignoreReplicas && isReplica(change)) return 'replica of another region';
  return ignoreTtlExpiredEvents && change.expired ? 'deleted by time to live' : undefined;
};

/** By aws-lambda-stream's convention: the discriminator, else the sort key (a node row's own name), else the partition key. */
const prefixOf = (change: Change, key: string, { eventTypePrefix, discriminatorFn = 'discriminator', skFn = 'sk' }: ChangeOptions): string => {
  if (eventTypePrefix) return eventTypePrefix;
  const discriminator = textOf(own(change.newImage ?? change.oldImage, discriminatorFn));
  return (discriminator || keyText(own(change.keys, skFn)) || key).toLowerCase();
};

const isDeleted = (image: Change['newImage']): boolean => own(own(image, 'deleted'), 'BOOL') === true;

/**
 * A row that is marked deleted is gone for every reader. A later change of it (its time to live, a region's mark)
 * is announced as deleted again, never as updated: an update would bring it back to life downstream.
 */
const suffixOf = ({ kind, newImage, oldImage }: Change): 'created' | 'updated' | 'deleted' | 'undeleted' => {
  if (kind === 'REMOVE' || isDeleted(newImage)) return 'deleted';
  if (kind === 'INSERT') return 'created';
  return newImage && isDeleted(oldImage) ? 'undeleted' : 'updated';
};
