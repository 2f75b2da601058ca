import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { CommandOptions } from '../commands';
import { headerOf } from './headers';
import { commandIdOf } from './idempotency-key';
import { preconditionOf, type Precondition, type PreconditionOptions } from './precondition';
import { parseBody } from './request-body';

export interface HttpRequest {
  readonly method: string;
  /** Of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Several values of one name are joined by commas. */
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case; several lines joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed JSON; `undefined` when there is none. Anybody can have sent it: check it. */
  readonly body: unknown;
  /** See `preconditionOf`. Required by default unless the method is safe: throws 428 when there is none. */
  precondition(options?: PreconditionOptions): Precondition;
  /** The header Idempotency-Key. */
  readonly commandId: string | undefined;
  /** What the commands of this request carry, to be spread into their options: `signal`, and `commandId` if there is one. */
  readonly command: Pick<CommandOptions, 'commandId' | 'signal'>;
  readonly event: APIGatewayProxyEventV2;
  readonly context: Context;
  /** Aborts a second before Lambda would end the function. Pass it to the commands. */
  readonly signal: AbortSignal;
}

interface Invocation extends Pick<HttpRequest, 'event' | 'context' | 'params' | 'signal'> {
  readonly maxBodyBytes: number;
  readonly requirePrecondition: boolean;
}

/** These change nothing, so that they need not say what they have read. */
const SAFE: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

export const toRequest = ({ event, context, params, signal, maxBodyBytes, requirePrecondition }: Invocation): HttpRequest => {
  const { method } = event.requestContext.http;
  const headers = textsOf(event.headers, (name) => name.toLowerCase());
  const commandId = commandIdOf(headers);
  const whether: PreconditionOptions = { required: requirePrecondition && !SAFE.includes(method) };
  return {
    method,
    params,
    query: textsOf(event.queryStringParameters, (name) => name),
    headers,
    body: parseBody(event, headerOf(headers, 'content-type'), maxBodyBytes),
    precondition: (options = whether) => preconditionOf(headers, { ...whether, ...options }),
    commandId,
    command: { signal, ...(commandId !== undefined && { commandId }) },
    event,
    context,
    signal,
  };
};

const textsOf = (from: Readonly<Record<string, string | undefined>> | undefined, nameOf: (name: string) => string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(from ?? {}).flatMap(([name, value]) => (typeof value === 'string' ? [[nameOf(name), value]] : [])));
