/**
 * Runs in a process of its own, one for each execution environment: loads a bundled function and answers invocations,
 * one at a time. Started by function-process.ts as `node function-runner.cjs <bundle> <export>`; scripts/service/
 * bundle.mjs makes the file.
 * @module
 */
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { ErrorReport, FromFunction, InvocationFacts, ToFunction } from './function-messages';

type Handler = (event: unknown, context: object) => unknown;

/** Lambda's limit of a synchronous response. */
const MAX_RESPONSE_BYTES = 6_291_556;

const send = (message: FromFunction, then?: () => void): void => {
  process.send?.(message, undefined, undefined, () => then?.());
};

const describe = (error: unknown): ErrorReport => {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
};

const load = async (bundle: string, exportName: string): Promise<Handler> => {
  const module = await import(pathToFileURL(bundle).href) as { readonly [name: string]: unknown; readonly default?: Readonly<Record<string, unknown>> };
  const handler = module[exportName] ?? module.default?.[exportName];
  if (typeof handler !== 'function') {
    throw Object.assign(new Error(`${bundle} exports no function ${exportName}`), { name: 'Runtime.HandlerNotFound' });
  }
  return handler as Handler;
};

const contextOf = ({ deadline, ...facts }: InvocationFacts): object => ({
  ...facts,
  callbackWaitsForEmptyEventLoop: true,
  getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
});

const answer = async (handler: Handler, { payload, context }: ToFunction): Promise<FromFunction> => {
  try {
    // `undefined` has no JSON: Lambda answers null.
    const response = JSON.stringify(await handler(JSON.parse(payload), contextOf(context))) ?? 'null';
    if (Buffer.byteLength(response) > MAX_RESPONSE_BYTES) {
      return { type: 'failure', error: { errorType: 'Function.ResponseSizeTooLarge', errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`, trace: [] } };
    }
    return { type: 'response', payload: response };
  } catch (error) {
    return { type: 'failure', error: describe(error) };
  }
};

/** Nobody is left to answer to: end, also when the function holds the only thread with a loop of its own. */
const endWithParent = (): void => {
  process.once('disconnect', () => process.exit(0));
  const watch = 'const { workerData } = require("node:worker_threads"); setInterval(() => { if (process.ppid !== workerData) process.kill(process.pid, "SIGKILL"); }, 250);';
  new Worker(watch, { eval: true, workerData: process.ppid }).unref();
  // Ctrl-C reaches every process of the terminal; when a function ends is for the parent to say.
  process.on('SIGINT', () => {});
};

const run = async (): Promise<void> => {
  const [, , bundle = '', exportName = 'handler'] = process.argv;
  try {
    const handler = await load(bundle, exportName);
    process.on('message', (message) => {
      void answer(handler, message as ToFunction).then((reply) => send(reply));
    });
    send({ type: 'ready' });
  } catch (error) {
    send({ type: 'unusable', error: describe(error) }, () => process.exit(1));
  }
};

endWithParent();
void run();
