import { NumberValueImpl as NumberValue } from '@aws-sdk/util-dynamodb';
import type { AttributeValue } from 'aws-lambda';
import { canonicalNumber } from '../decimal';
import { OplockStreamError } from '../errors';
import { describeFound, isObject } from '../found';

/**
 * A plain item in DynamoDB JSON as Lambda delivers it: binary as base64 text, numbers as DynamoDB spells them.
 * The counterpart of `fromAttributeMap`, for the builders; undefined properties are left out. (The SDK's marshall
 * keeps bytes, and sets the prototype of its result when an attribute is called `__proto__`.)
 *
 * @throws OplockStreamError `UNSUPPORTED_VALUE` for what DynamoDB cannot hold
 */
export const toAttributeMap = (item: Readonly<Record<string, unknown>>): Record<string, AttributeValue> => {
  const result: Record<string, AttributeValue> = {};
  for (const name of Object.keys(item)) {
    if (item[name] === undefined) continue;
    Object.defineProperty(result, name, { value: toAttributeValue(item[name]), writable: true, enumerable: true, configurable: true });
  }
  return result;
};

const unsupported = (found: string): OplockStreamError =>
  new OplockStreamError('UNSUPPORTED_VALUE', `DynamoDB cannot hold ${found}`, { details: { found } });

const toAttributeValue = (value: unknown): AttributeValue => {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'boolean') return { BOOL: value };
  if (isNumeric(value)) return { N: numberText(value) };
  if (ArrayBuffer.isView(value)) return { B: base64(value) };
  if (Array.isArray(value)) return { L: value.filter((one) => one !== undefined).map(toAttributeValue) };
  if (value instanceof Set) return setValue([...value]);
  if (isObject(value)) return { M: toAttributeMap(value) };
  throw unsupported(describeFound(value));
};

const setValue = (members: unknown[]): AttributeValue => {
  if (members.length === 0) throw unsupported('an empty set');
  if (members.every((one) => typeof one === 'string')) return { SS: members };
  if (members.every(isNumeric)) return { NS: members.map(numberText) };
  if (members.every((one) => ArrayBuffer.isView(one))) return { BS: members.map(base64) };
  throw unsupported('a set of anything but all strings, all numbers or all binary');
};

const isNumeric = (value: unknown): value is number | bigint | NumberValue =>
  typeof value === 'number' || typeof value === 'bigint' || value instanceof NumberValue;

const numberText = (value: number | bigint | NumberValue): string => {
  const text = canonicalNumber(value.toString());
  if (text === undefined) throw unsupported(`the number ${value.toString().slice(0, 40)}`);
  return text;
};

const base64 = (view: ArrayBufferView): string => Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('base64');
