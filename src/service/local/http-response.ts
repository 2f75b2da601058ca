import { validateHeaderName, validateHeaderValue } from 'node:http';

/** What goes over the wire. */
export interface WireResponse {
  readonly statusCode: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** An answer of the API itself, not of a function. */
export const gatewayAnswer = (statusCode: number, message: string): WireResponse =>
  ({ statusCode, headers: [['content-type', 'application/json']], body: Buffer.from(JSON.stringify({ message })) });

export const INTERNAL_ERROR = gatewayAnswer(500, 'Internal Server Error');

/**
 * What an HTTP API makes of a function's response, payload format 2.0: one with a `statusCode` is taken as it is,
 * everything else is the body of a 200. One that cannot be sent is a 500, as there.
 */
export const toWireResponse = (response: unknown): WireResponse => {
  if (typeof response !== 'object' || response === null || !('statusCode' in response)) {
    const text = typeof response === 'string' ? response : JSON.stringify(response);
    return { statusCode: 200, headers: [['content-type', 'application/json']], body: Buffer.from(text) };
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = response as Readonly<Record<string, unknown>>;
  const status = Number(statusCode);
  const named = headers ?? {};
  const set = cookies ?? [];
  const text = body ?? '';
  if (!Number.isInteger(status) || status < 200 || status > 599 || !areHeaders(named) || !areCookies(set) || typeof text !== 'string') return INTERNAL_ERROR;
  const sent = Object.entries(named)
    .map(([name, value]) => [name.toLowerCase(), String(value)] as const)
    // How it is sent is the gateway's business.
    .filter(([name]) => !['content-length', 'transfer-encoding', 'connection', 'keep-alive', 'upgrade'].includes(name));
  // API Gateway has a type for text that has none.
  const typed = text !== '' && !sent.some(([name]) => name === 'content-type') ? [['content-type', 'text/plain; charset=utf-8'] as const] : [];
  return {
    statusCode: status,
    headers: [...sent, ...typed, ...set.map((cookie) => ['set-cookie', cookie] as const)],
    body: Buffer.from(text, isBase64Encoded === true ? 'base64' : 'utf8'),
  };
};

const areHeaders = (headers: unknown): headers is Readonly<Record<string, string | number | boolean>> =>
  typeof headers === 'object' && headers !== null
  && Object.entries(headers).every(([name, value]) => ['string', 'number', 'boolean'].includes(typeof value) && canBeSent(name, String(value)));

const areCookies = (cookies: unknown): cookies is readonly string[] =>
  Array.isArray(cookies) && cookies.every((cookie) => typeof cookie === 'string' && canBeSent('set-cookie', cookie));

const canBeSent = (name: string, value: string): boolean => {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
};
