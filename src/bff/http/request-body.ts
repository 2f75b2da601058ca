import { decodeBase64 } from '../../base64';
import { CommandError } from '../errors';

export interface EncodedBody {
  readonly body?: string | undefined;
  readonly isBase64Encoded?: boolean | undefined;
}

/**
 * The parsed JSON of a request; `undefined` when it has no body. Throws `BODY_TOO_LARGE` (413),
 * `UNSUPPORTED_MEDIA_TYPE` (415) when it says that it is something else than JSON, `INVALID_BODY` (400).
 */
export const parseBody = ({ body, isBase64Encoded = false }: EncodedBody, contentType: string | undefined, maxBytes: number): unknown => {
  if (body === undefined || body === null || body === '') return undefined;
  const bytes = isBase64Encoded ? decodeBase64(body) : Buffer.from(body);
  if (!bytes) throw invalidBody('is not the base64 that it is said to be');
  if (bytes.length > maxBytes) throw new CommandError('BODY_TOO_LARGE', 413, `the body has ${bytes.length} bytes: up to ${maxBytes} are taken`);
  if (contentType !== undefined && !JSON_TYPE.test(contentType)) throw new CommandError('UNSUPPORTED_MEDIA_TYPE', 415, 'the body is not JSON. Send it as content-type: application/json');
  return parse(decodeUtf8(bytes));
};

const JSON_TYPE = /^\s*[\w.+-]+\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

const decodeUtf8 = (bytes: Buffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalidBody('is not UTF-8');
  }
};

/** The parser's own message quotes the body, so it is not passed on. */
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalidBody('is not JSON');
  }
};

const invalidBody = (what: string): CommandError => new CommandError('INVALID_BODY', 400, `the body ${what}`);
