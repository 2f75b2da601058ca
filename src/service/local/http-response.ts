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
  const valid = Number.isInteger(status) && status >= 200 && status <= 599
    && (headers === undefined || headers === null || isScalars(headers))
    && (cookies === undefined || cookies === null || (Array.isArray(cookies) && cookies.every((cookie) => typeof cookie === 'string')))
    && (body === undefined || body === null || typeof body === 'string');
  if (!valid) return INTERNAL_ERROR;
  const named = Object.entries((headers ?? {}) as Record<string, string | number | boolean>)
    .map(([name, value]) => [name.toLowerCase(), String(value)] as const)
    // How it is sent is the gateway's business.
    .filter(([name]) => !['content-length', 'transfer-encoding', 'connection', 'keep-alive', 'upgrade'].includes(name));
  // API Gateway has a type for text that has none.
  const typed = body && !named.some(([name]) => name === 'content-type') ? [['content-type', 'text/plain; charset=utf-8'] as const] : [];
  return {
    statusCode: status,
    headers: [...named, ...typed, ...((cookies ?? [])).map((cookie) => ['set-cookie', cookie] as const)],
    body: Buffer.from((body) ?? '', isBase64Encoded === true ? 'base64' : 'utf8'),
  };
};

const isScalars = (headers: unknown): boolean =>
  typeof headers === 'object' && headers !== null && Object.values(headers).every((value) => ['string', 'number', 'boolean'].includes(typeof value));
