import { CommandError } from '../errors';
import { headerOf, type RequestHeaders } from './headers';

const MAX_LENGTH = 128;

/**
 * The header Idempotency-Key as a command's id; `undefined` when there is none. In quotes, as the IETF's draft has it,
 * or bare, as most clients send it. Throws `INVALID_IDEMPOTENCY_KEY` (400).
 */
export const commandIdOf = (headers: RequestHeaders | undefined): string | undefined => {
  const text = headerOf(headers, 'idempotency-key')?.trim();
  if (text === undefined) return undefined;
  const id = /^"(.*)"$/.exec(text)?.[1] ?? text;
  if (/^[!#-~]+$/.test(id) && id.length <= MAX_LENGTH) return id;
  throw new CommandError('INVALID_IDEMPOTENCY_KEY', 400, `Idempotency-Key: takes 1 to ${MAX_LENGTH} visible characters, a UUID for example`);
};
