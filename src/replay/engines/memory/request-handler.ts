import { randomUUID } from 'node:crypto';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { Fault, unsupported } from './fault';

export type RequestHandler = Extract<NonNullable<DynamoDBClientConfig['requestHandler']>, { handle: unknown }>;

interface Request {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const TARGET = 'DynamoDB_20120810.';
const ERROR_TYPE = 'com.amazonaws.dynamodb.v20120810#';

/** Bytes as base64, times as epoch seconds, as DynamoDB's JSON has them. */
const toJson = (value: unknown): string => JSON.stringify(value, function replace(this: Readonly<Record<string, unknown>>, name, one: unknown) {
  const original = this[name];
  if (Object.prototype.toString.call(original) === '[object Date]') return Number(original) / 1_000;
  return ArrayBuffer.isView(original) ? Buffer.from(original as Uint8Array).toString('base64') : one;
});

const textOf = (body: unknown): string =>
  (ArrayBuffer.isView(body) ? new TextDecoder().decode(body as Uint8Array) : typeof body === 'string' ? body : '{}');

const response = (statusCode: number, body: unknown): object => ({
  response: {
    statusCode,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() },
    body: new TextEncoder().encode(toJson(body)),
  },
});

const aborted = (): Error => Object.assign(new Error('Request aborted'), { name: 'AbortError' });

/**
 * Takes what a client of the SDK would send over the network, signed and serialized, and answers at once. Whatever the
 * client is made of works with it: middleware, retries, plain and document commands.
 */
export const memoryRequestHandler = (run: (operation: string, input: object) => object): RequestHandler => {
  const handle = async ({ headers, body }: Request, { abortSignal }: { readonly abortSignal?: { readonly aborted?: boolean } } = {}): Promise<object> => {
    if (abortSignal?.aborted) throw aborted();
    const target = headers['x-amz-target'] ?? '';
    if (!target.startsWith(TARGET)) throw unsupported(target === '' ? 'other services' : `operation ${target}`);
    try {
      return response(200, run(target.slice(TARGET.length), JSON.parse(textOf(body)) as object));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return response(400, { __type: `${ERROR_TYPE}${error.name}`, message: error.message, ...error.fields });
    }
  };
  const handler = { handle, destroy: () => {}, updateHttpClientConfig: () => {}, httpHandlerConfigs: () => ({}) };
  return handler as unknown as RequestHandler;
};
