import { fromAttributeMap, type AttributeMap } from '../attribute-value';
import { decodeBase64 } from '../base64';
import { canonicalNumber } from '../decimal';
import { isOplockStreamError } from '../errors';
import { describeFound, isObject, own } from '../found';
import { InvalidRecordError, type RecordName } from './contract';

/** What a row went through. */
export type ChangeKind = 'INSERT' | 'MODIFY' | 'REMOVE';

/** A change of a row, the same whether DynamoDB Streams or Kinesis carried it. Images are in DynamoDB JSON. */
export interface Change {
  readonly kind: ChangeKind;
  readonly id: unknown;
  readonly region: string | undefined;
  readonly keys: AttributeMap;
  readonly newImage: AttributeMap | undefined;
  readonly oldImage: AttributeMap | undefined;
  readonly viewType: unknown;
  readonly createdAt: unknown;
  readonly precision: unknown;
  /** Deleted by DynamoDB itself because its time to live was over. */
  readonly expired: boolean;
}

const KINDS: ReadonlyMap<unknown, ChangeKind> = new Map([
  ['INSERT', 'INSERT'], ['MODIFY', 'MODIFY'], ['REMOVE', 'REMOVE'],
  // What DynamoDB Local 3 calls the delete of an expired row.
  ['UNKNOWN_TO_SDK_VERSION', 'REMOVE'],
]);

/** @throws InvalidRecordError naming the first field that is missing or of the wrong type */
export const readChange = (record: unknown, name: RecordName): Change => {
  if (!isObject(record)) throw new InvalidRecordError(name, 'record', describeFound(record), 'a record of DynamoDB Streams');
  const dynamodb = own(record, 'dynamodb');
  if (!isObject(dynamodb)) throw new InvalidRecordError(name, 'dynamodb', describeFound(dynamodb), 'an object with Keys and images');
  const eventName = own(record, 'eventName');
  const kind = KINDS.get(eventName);
  if (!kind) throw new InvalidRecordError(name, 'eventName', describeFound(eventName), 'INSERT, MODIFY or REMOVE');
  const keys = own(dynamodb, 'Keys');
  if (!isObject(keys) || Object.keys(keys).length === 0) {
    throw new InvalidRecordError(name, 'dynamodb.Keys', isObject(keys) ? 'an empty object' : describeFound(keys), 'the key attributes of the row');
  }
  const region = own(record, 'awsRegion');
  return {
    kind,
    keys,
    id: own(record, 'eventID'),
    region: typeof region === 'string' ? region : undefined,
    newImage: image(dynamodb, 'NewImage', name),
    oldImage: image(dynamodb, 'OldImage', name),
    viewType: own(dynamodb, 'StreamViewType'),
    createdAt: own(dynamodb, 'ApproximateCreationDateTime'),
    precision: own(dynamodb, 'ApproximateCreationDateTimePrecision'),
    expired: kind === 'REMOVE' && isTimeToLive(own(record, 'userIdentity')),
  };
};

const image = (dynamodb: unknown, field: 'NewImage' | 'OldImage', name: RecordName): AttributeMap | undefined => {
  const value = own(dynamodb, field);
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw new InvalidRecordError(name, `dynamodb.${field}`, describeFound(value), 'a map of attribute values');
  return value;
};

// Lambda writes the names of this object in camel case, the Streams API itself with capitals.
const isTimeToLive = (identity: unknown): boolean =>
  (own(identity, 'type') ?? own(identity, 'Type')) === 'Service'
  && (own(identity, 'principalId') ?? own(identity, 'PrincipalId')) === 'dynamodb.amazonaws.com';

/** A text attribute's text, or `undefined` when it is absent or of another type. */
export const textOf = (attribute: unknown): string | undefined => {
  const text = own(attribute, 'S');
  return typeof text === 'string' ? text : undefined;
};

/** A key attribute as canonical text: one key has one text. `undefined` when it is no key attribute. */
export const keyText = (attribute: unknown): string | undefined => {
  const text = textOf(attribute);
  if (text !== undefined) return text;
  const number = own(attribute, 'N');
  if (typeof number === 'string') return canonicalNumber(number);
  const binary = own(attribute, 'B');
  if (typeof binary === 'string') return decodeBase64(binary)?.toString('base64');
  return ArrayBuffer.isView(binary) ? Buffer.from(binary.buffer, binary.byteOffset, binary.byteLength).toString('base64') : undefined;
};

/** The images as plain values. @throws InvalidRecordError with the path of a malformed attribute */
export const plainImages = ({ newImage, oldImage }: Change, name: RecordName): { new?: Record<string, unknown>; old?: Record<string, unknown> } => ({
  ...(newImage && { new: plainImage(newImage, 'NewImage', name) }),
  ...(oldImage && { old: plainImage(oldImage, 'OldImage', name) }),
});

const plainImage = (map: AttributeMap, field: string, name: RecordName): Record<string, unknown> => {
  try {
    return fromAttributeMap(map);
  } catch (error) {
    if (!isOplockStreamError(error)) throw error;
    throw new InvalidRecordError(name, `dynamodb.${field}.${String(error.details['path'])}`, String(error.details['found']), 'a DynamoDB attribute value', error);
  }
};
