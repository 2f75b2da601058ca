import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { canonicalNumber } from '../../../../decimal';
import type { NumberLike } from '../../../../oplock/value/number';
import { typeOf } from '../../../../oplock/value/type';
import type { PlainItem } from './decode';
import { defineOwn } from './own';

/** A copy in typed attribute values, as the SDK gives it. */
export const encodeMap = (item: PlainItem): Record<string, AttributeValue> => {
  const result: Record<string, AttributeValue> = {};
  for (const name of Object.keys(item)) defineOwn(result, name, encodeValue(item[name]));
  return result;
};

/** Numbers as DynamoDB spells them: no exponent, no zeros to spare. */
const numberText = (number: NumberLike): string => {
  const text = typeof number === 'object' ? number.value : String(number);
  if (Number.isSafeInteger(number)) return text;
  return canonicalNumber(text) ?? text;
};

const encodeSet = <T>(set: unknown, encodeOne: (one: T) => unknown): unknown[] => [...(set as ReadonlySet<T>)].map(encodeOne);

export const encodeValue = (value: unknown): AttributeValue => {
  const type = typeOf(value);
  switch (type) {
    case 'S': case 'BOOL': return { [type]: value } as unknown as AttributeValue;
    case 'N': return { N: numberText(value as NumberLike) };
    case 'B': return { B: new Uint8Array(value as Uint8Array) };
    case 'NULL': return { NULL: true };
    case 'L': return { L: (value as readonly unknown[]).map(encodeValue) };
    case 'M': return { M: encodeMap(value as PlainItem) };
    case 'SS': return { SS: [...(value as ReadonlySet<string>)] };
    case 'NS': return { NS: encodeSet(value, numberText) as string[] };
    case 'BS': return { BS: encodeSet(value, (bytes: Uint8Array) => new Uint8Array(bytes)) as Uint8Array[] };
    case undefined: throw new TypeError('The engine holds a value of no type'); // a bug here, never the caller's
  }
};
