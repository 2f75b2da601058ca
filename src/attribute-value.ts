import { NumberValueImpl as NumberValue } from '@aws-sdk/util-dynamodb';
import { decodeBase64 } from './base64';
import { canonicalNumber, exactNumber } from './decimal';
import { OplockStreamError } from './errors';
import { describeFound, isObject, quote } from './found';

/** An item in DynamoDB JSON, whoever typed it (Lambda's types and the SDK's differ); checked as it is read. */
export type AttributeMap = Readonly<Record<string, unknown>>;

/** DynamoDB itself allows 32 levels; the bound keeps a crafted record from exhausting the stack. */
const MAX_DEPTH = 100;

type Path = readonly (string | number)[];

const MAX_PATH = 200;

const renderPath = (path: Path): string => {
  const text = path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('');
  return text.length > MAX_PATH ? `${text.slice(0, MAX_PATH)}…` : text;
};

const malformed = (path: Path, found: string): OplockStreamError => {
  const rendered = renderPath(path);
  return new OplockStreamError(
    'INVALID_ATTRIBUTE_VALUE',
    `Attribute ${rendered === '' ? '(the value itself)' : rendered}: found ${found}, which is no DynamoDB attribute value. `
      + 'Expected one type tag (S, N, B, BOOL, NULL, M, L, SS, NS, BS) with a value of that type.',
    { details: { path: rendered, found } },
  );
};

/**
 * An item (or image) in DynamoDB JSON as a plain object. Attribute values as for {@link fromAttributeValue}.
 * Every name becomes an own property, `__proto__` too: no prototype is ever touched.
 *
 * @throws OplockStreamError `INVALID_ATTRIBUTE_VALUE`, with `details.path` and `details.found`
 */
export const fromAttributeMap = (map: AttributeMap): Record<string, unknown> => readMap(map, []);

/**
 * One DynamoDB attribute value as a plain value, without loss.
 * - `N`: `number` where a double holds it, `bigint` for integers beyond 2^53, else `NumberValue`
 * - `B`: `Uint8Array`, from base64 text (stream records) or from bytes (SDK answers)
 * - `SS`, `NS`, `BS`: `Set`; the members of a number set are all of one kind, as the SDK needs to write it back
 *
 * @throws OplockStreamError `INVALID_ATTRIBUTE_VALUE`, with `details.path` and `details.found`
 */
export const fromAttributeValue = (value: unknown): unknown => read(value, []);

const readMap = (map: unknown, path: (string | number)[]): Record<string, unknown> => {
  if (!isObject(map) || ArrayBuffer.isView(map)) throw malformed(path, describeFound(map));
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(map)) {
    if (map[name] === undefined) continue; // what the SDK makes of an attribute that is named `__proto__`
    path.push(name);
    const value = read(map[name], path);
    path.pop();
    if (name === '__proto__') Object.defineProperty(result, name, { value, writable: true, enumerable: true, configurable: true });
    else result[name] = value;
  }
  return result;
};

const read = (value: unknown, path: (string | number)[]): unknown => {
  if (path.length > MAX_DEPTH) throw malformed(path, `more than ${MAX_DEPTH} levels of nesting`);
  if (!isObject(value)) throw malformed(path, describeFound(value));
  let tag: string | undefined;
  for (const name of Object.keys(value)) {
    if (value[name] === undefined) continue; // as the SDK's types allow
    if (tag !== undefined) throw malformed(path, `two type tags, ${quote(tag)} and ${quote(name)}`);
    tag = name;
  }
  if (tag === undefined) throw malformed(path, 'an object without a type tag');
  return readTagged(tag, value[tag], path);
};

const readTagged = (tag: string, content: unknown, path: (string | number)[]): unknown => {
  switch (tag) {
    case 'S': return readString(content, path);
    case 'N': return readNumber(content, path);
    case 'B': return readBinary(content, path);
    case 'BOOL':
      if (typeof content !== 'boolean') throw malformed(path, `BOOL with ${describeFound(content)}`);
      return content;
    case 'NULL':
      if (typeof content !== 'boolean') throw malformed(path, `NULL with ${describeFound(content)}`);
      return null;
    case 'M': return readMap(content, path);
    case 'L': return members(content, path, read);
    case 'SS': return new Set(members(content, path, readString));
    case 'NS': return new Set(sameKind(members(content, path, readNumber)));
    case 'BS': return new Set(members(content, path, readBinary));
    default: throw malformed(path, `the unknown type tag ${quote(tag)}`);
  }
};

const members = <T>(content: unknown, path: (string | number)[], readOne: (value: unknown, path: (string | number)[]) => T): T[] => {
  if (!Array.isArray(content)) throw malformed(path, `a list or set with ${describeFound(content)}`);
  return content.map((one: unknown, i) => {
    path.push(i);
    const result = readOne(one, path);
    path.pop();
    return result;
  });
};

const readString = (content: unknown, path: Path): string => {
  if (typeof content !== 'string') throw malformed(path, `S with ${describeFound(content)}`);
  return content;
};

const readNumber = (content: unknown, path: Path): number | bigint | NumberValue => {
  const number = typeof content === 'string' ? exactNumber(content) : undefined;
  if (number === undefined) throw malformed(path, `N with ${describeFound(content)}`);
  return number;
};

const readBinary = (content: unknown, path: Path): Uint8Array => {
  const bytes = typeof content === 'string' ? decodeBase64(content)
    : ArrayBuffer.isView(content) ? new Uint8Array(content.buffer, content.byteOffset, content.byteLength) : undefined;
  if (!bytes) throw malformed(path, typeof content === 'string' ? 'B with text that is not base64' : `B with ${describeFound(content)}`);
  return new Uint8Array(bytes); // a copy: small Buffers are views of a pool that others share
};

const sameKind = (numbers: readonly (number | bigint | NumberValue)[]): (number | bigint | NumberValue)[] => {
  if (numbers.every((one) => typeof one === 'number')) return [...numbers];
  if (numbers.every((one) => typeof one === 'bigint' || Number.isSafeInteger(one))) return numbers.map((one) => BigInt(one as number | bigint));
  return numbers.map((one) => NumberValue.from(canonicalNumber(String(one)) ?? String(one)));
};
