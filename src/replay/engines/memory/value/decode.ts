import { decodeBase64 } from '../../../../base64';
import { exactNumber } from '../../../../decimal';
import { magnitudeOf, numberKey, parseDecimal, type NumberLike } from '../../../../oplock/value/number';
import { invalid } from '../fault';
import { defineOwn } from './own';

/** The engine holds plain values, as the condition's evaluator reads them; they are never changed in place. */
export type PlainItem = Readonly<Record<string, unknown>>;

const MAX_LEVELS = 32;
const MAX_DIGITS = 38;
const MAX_MAGNITUDE = 125;
const MIN_MAGNITUDE = -130;
const SMALL_INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;

const asObject = (value: unknown): Readonly<Record<string, unknown>> => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)) return value as Readonly<Record<string, unknown>>;
  throw invalid('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
};

const asArray = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  throw invalid('A list or a set must be given as an array');
};

/** An item, a key or the values of an expression: copied, so that nothing of the caller's can change it later. */
export const decodeMap = (map: unknown): PlainItem => decodeMembers(map, 0);

export const decodeValue = (value: unknown): unknown => decode(value, 0);

const decodeMembers = (map: unknown, level: number): PlainItem => {
  const from = asObject(map);
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(from)) {
    const value = from[name];
    if (value === undefined) continue;
    if (name === '__proto__') defineOwn(result, name, decode(value, level + 1));
    else result[name] = decode(value, level + 1);
  }
  return result;
};

const tagOf = (value: Readonly<Record<string, unknown>>): string => {
  let found: string | undefined;
  for (const tag of Object.keys(value)) {
    if (value[tag] === undefined) continue;
    if (found !== undefined) throw invalid('Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes');
    found = tag;
  }
  if (found === undefined) throw invalid('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  return found;
};

const decode = (given: unknown, level: number): unknown => {
  const value = asObject(given);
  const tag = tagOf(value);
  const content = value[tag];
  switch (tag) {
    case 'S': return decodeText(content);
    case 'N': return decodeNumber(content);
    case 'B': return decodeBytes(content);
    case 'BOOL':
      if (typeof content !== 'boolean') throw invalid('A BOOL is true or false');
      return content;
    case 'NULL':
      if (content !== true) throw invalid('One or more parameter values were invalid: Null attribute value types must have the value of true');
      return null;
    case 'M': case 'L':
      if (level >= MAX_LEVELS) throw invalid('Nesting Levels have exceeded supported limits');
      return tag === 'M' ? decodeMembers(content, level) : asArray(content).map((one) => decode(one, level + 1));
    case 'SS': return decodeSet(content, decodeText, (text) => text);
    case 'NS': return decodeSet(content, decodeNumber, numberKey);
    case 'BS': return decodeSet(content, decodeBytes, (bytes) => Buffer.from(bytes).toString('latin1'));
    default: throw invalid(`${JSON.stringify(tag)} is no datatype`);
  }
};

const decodeText = (content: unknown): string => {
  if (typeof content !== 'string') throw invalid('An S is a string');
  return content;
};

const decodeNumber = (content: unknown): NumberLike => {
  if (typeof content !== 'string') throw invalid('An N is sent as a string');
  if (SMALL_INTEGER.test(content)) return Number(content); // nearly all there are
  const decimal = content.length > 1_000 ? undefined : parseDecimal(content);
  if (!decimal) throw invalid(`The parameter cannot be converted to a numeric value: ${content.slice(0, 100)}`);
  if (decimal.digits === '') return 0;
  if (decimal.digits.length > MAX_DIGITS) throw invalid('Attempting to store more than 38 significant digits in a Number');
  const magnitude = magnitudeOf(decimal);
  if (magnitude > MAX_MAGNITUDE) throw invalid('Number overflow. Attempting to store a number with magnitude larger than supported range');
  if (magnitude < MIN_MAGNITUDE) throw invalid('Number underflow. Attempting to store a number with magnitude smaller than supported range');
  return exactNumber(content) ?? 0;
};

/** Bytes from the SDK, base64 from JSON. */
const decodeBytes = (content: unknown): Uint8Array => {
  if (ArrayBuffer.isView(content)) return new Uint8Array(new Uint8Array(content.buffer, content.byteOffset, content.byteLength));
  const bytes = typeof content === 'string' ? decodeBase64(content) : undefined;
  if (!bytes) throw invalid('A B is given as bytes');
  return new Uint8Array(bytes);
};

const decodeSet = <T>(content: unknown, decodeOne: (one: unknown) => T, keyOf: (one: T) => string): ReadonlySet<T> => {
  const members = asArray(content).map(decodeOne);
  if (members.length === 0) throw invalid('One or more parameter values were invalid: An set may not be empty');
  if (new Set(members.map(keyOf)).size < members.length) throw invalid('One or more parameter values were invalid: Input collection contains duplicates');
  return new Set(members);
};
