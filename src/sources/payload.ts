import { isUtf8 } from 'node:buffer';
import { COMPRESSED, expand, gunzip, isGzip, type Budget } from './compression';
import { UnreadablePayload } from './unreadable';

/**
 * The JSON value in a payload's bytes, which may be gzipped as a whole. Values that aws-lambda-stream compressed
 * are left as they are, except when the whole text is one: what they mean depends on what the value is.
 *
 * @throws UnreadablePayload
 */
export const parsePayload = (bytes: Uint8Array, budget: Budget): unknown => {
  const plain = isGzip(bytes) ? gunzip(bytes, budget) : bytes;
  if (!plain) throw new UnreadablePayload('broken gzip', 'gzip of JSON');
  if (plain.length === 0) throw new UnreadablePayload('no data', 'JSON');
  if (!isUtf8(plain)) throw new UnreadablePayload(`${plain.length} bytes that are not UTF-8`, 'JSON in UTF-8');
  const text = Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength).toString('utf8');
  if (text.startsWith(COMPRESSED)) {
    const value = expand(text, budget);
    if (value !== text) return value;
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    // Not the error's own message, nor the error as the cause: it quotes the payload.
    const at = /position (\d+)/.exec(error instanceof Error ? error.message : '');
    throw new UnreadablePayload(`${text.length} characters that are not JSON${at ? ` (from position ${at[1]})` : ''}`, 'JSON');
  }
};
