import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { OplockStreamError } from '../../errors';
import type { SourceHandler } from './options';

export interface Invoker {
  readonly functionName: string;
  readonly functionArn: string;
  readonly timeoutMs: number;
  readonly context?: (context: Context) => Context;
}

/**
 * Calls the handler as Lambda does: a copy of the event, so that nothing it changes is there the next time, a context
 * with the time left, and its response as JSON gives it back. Throws what the handler throws, or `FUNCTION_TIMEOUT`.
 */
export const invokeHandler = async <R>(handler: SourceHandler<R>, records: readonly R[], invoker: Invoker): Promise<unknown> => {
  const deadline = Date.now() + invoker.timeoutMs;
  const context = contextOf(invoker, deadline);
  const event = JSON.parse(JSON.stringify({ Records: records })) as { Records: R[] };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new OplockStreamError('FUNCTION_TIMEOUT', `The handler took longer than ${invoker.timeoutMs} ms. Make it faster, or raise functionTimeoutMs.`)), invoker.timeoutMs);
  });
  try {
    const response = await Promise.race([(async () => handler(event, invoker.context?.(context) ?? context))(), late]);
    return JSON.parse(JSON.stringify(response) ?? 'null') as unknown;
  } finally {
    clearTimeout(timer);
  }
};

const contextOf = ({ functionName, functionArn }: Invoker, deadline: number): Context => ({
  callbackWaitsForEmptyEventLoop: true,
  functionName,
  functionVersion: '$LATEST',
  invokedFunctionArn: functionArn,
  memoryLimitInMB: '1024',
  awsRequestId: randomUUID(),
  logGroupName: `/aws/lambda/${functionName}`,
  logStreamName: 'local',
  getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  // Of callbacks, which Node functions have not needed for years.
  done: () => {},
  fail: () => {},
  succeed: () => {},
});
