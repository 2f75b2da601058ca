import { createHash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item } from '../engines/engine';
import { compareBytes } from '../../oplock/order';
import { canonicalNumber } from './number';
import { namesOf } from './plain';

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const sorted = (texts: readonly string[]): readonly string[] => [...texts].sort(compareBytes);

const encodeMap = (map: Readonly<Record<string, AttributeValue>>): string => {
  const members = namesOf(map).sort(compareBytes).map((name) => `${JSON.stringify(name)}:${encode(map[name] as AttributeValue)}`);
  return `{${members.join(',')}}`;
};

/** Text that is the same for two values if, and only if, DynamoDB holds them to be the same value of the same type. */
const encode = (value: AttributeValue): string => {
  const tagged = (type: string, content: unknown): string => `[${JSON.stringify(type)},${JSON.stringify(content)}]`;
  if (value.S !== undefined) return tagged('S', value.S);
  if (value.N !== undefined) return tagged('N', canonicalNumber(value.N));
  if (value.B !== undefined) return tagged('B', base64(value.B));
  if (value.BOOL !== undefined) return tagged('BOOL', value.BOOL);
  if (value.NULL !== undefined) return tagged('NULL', true);
  if (value.SS !== undefined) return tagged('SS', sorted(value.SS));
  if (value.NS !== undefined) return tagged('NS', sorted(value.NS.map(canonicalNumber)));
  if (value.BS !== undefined) return tagged('BS', sorted(value.BS.map(base64)));
  if (value.L !== undefined) return `["L",[${value.L.map(encode).join(',')}]]`;
  return `["M",${encodeMap(value.M ?? {})}]`;
};

/**
 * SHA-256 (hex) of what a table holds: the same items give the same digest, whatever order they or their
 * attributes come in and however the engine writes a number; a string `1` and a number 1 do not.
 */
export const digest = (items: readonly Item[]): string => {
  const hash = createHash('sha256');
  for (const text of sorted(items.map(encodeMap))) hash.update(text).update('\n');
  return hash.digest('hex');
};
