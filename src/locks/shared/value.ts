import { notJson } from '../plain-json';
import { SharedValueError } from './errors';

/** A value as the row has it. */
export interface Encoded {
  readonly value: Uint8Array;
  readonly encoding: 'json' | 'bytes';
}

/** Of another realm, too. A Buffer is one. */
export const isBytes = (value: unknown): value is Uint8Array => Object.prototype.toString.call(value) === '[object Uint8Array]';

/** @throws SharedValueError for what is no JSON and no bytes, or larger than `maxBytes` */
export const encode = (value: unknown, maxBytes: number): Encoded => {
  const encoded: Encoded = isBytes(value) ? { value, encoding: 'bytes' } : { value: jsonBytes(value), encoding: 'json' };
  const { length } = encoded.value;
  if (length > maxBytes) throw new SharedValueError(`it has ${length} bytes, and ${maxBytes} is the most. Share what it takes to find it, such as the name of an object in S3`);
  return encoded;
};

const jsonBytes = (value: unknown): Uint8Array => {
  const problem = notJson(value, 'value');
  if (problem !== undefined) throw new SharedValueError(`${problem}. Make plain JSON of it; bytes can be shared as they are, but not inside of other values`);
  return new TextEncoder().encode(JSON.stringify(value));
};

export const decode = ({ value, encoding }: Encoded): unknown => (encoding === 'bytes' ? value : JSON.parse(new TextDecoder().decode(value)));
