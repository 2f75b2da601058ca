import { isUtf8 } from 'node:buffer';
import { COMPRESSED, expand, gunzip, isGzip, MAX_DEPTH, type Budget } from './compression';
import { UnreadablePayload } from './unreadable';

export interface Payload {
  readonly value: unknown;
  /** It holds nothing compressed and is not nested deeply, so that `expand` would find nothing to do: true of most. */
  readonly simple: boolean;
}

/**
 * The JSON value in a payload's bytes, which may be gzipped as a whole. Values that aws-lambda-stream compressed
 * are left as they are, except when the whole text is one: what they mean depends on what the value is.
 *
 * @throws UnreadablePayload
 */
export const parsePayload = (bytes: Buffer, budget: Budget): Payload => {
  const plain = isGzip(bytes) ? gunzip(bytes, budget) : bytes;
  if (!plain) throw new UnreadablePayload('broken gzip', 'gzip of JSON');
  if (plain.length === 0) throw new UnreadablePayload('no data', 'JSON');
  if (!isUtf8(plain)) throw new UnreadablePayload(`${plain.length} bytes that are not UTF-8`, 'JSON in UTF-8');
  const text = plain.toString('utf8');
  if (text.startsWith(COMPRESSED)) {
    const value = expand(text, budget);
    if (value !== text) return { value, simple: true };
  }
  try {
    return { value: JSON.parse(text), simple: !plain.includes(COMPRESSED) && opensFew(plain) };
  } catch (error) {
    // Not the error's own message, nor the error as the cause: it quotes the payload.
    const at = /position (\d+)/.exec(error instanceof Error ? error.message : '');
    throw new UnreadablePayload(`${text.length} characters that are not JSON${at ? ` (from position ${at[1]})` : ''}`, 'JSON');
  }
};

/** Fewer brackets than the levels allowed cannot be nested more deeply. Those inside strings only cost a closer look. */
const opensFew = (text: Buffer): boolean => {
  let count = 0;
  for (let i = 0; i < text.length; i += 1) {
    const byte = text[i];
    if ((byte === 0x5b || byte === 0x7b) && (count += 1) >= MAX_DEPTH) return false;
  }
  return true;
};
