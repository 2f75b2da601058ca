import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { functionEnvironment } from './function-environment';
import { FunctionError } from './function-error';
import type { ErrorReport, FromFunction, InvocationFacts, ToFunction } from './function-messages';
import { eachLine } from './lines';
import { mailboxOf } from './mailbox';

export interface FunctionSpec {
  /** As deployed, for example `seats-dev-command`: in the context and in errors. */
  readonly functionName: string;
  /** Path of the bundle. */
  readonly bundle: string;
  /** Default `handler`. */
  readonly exportName?: string;
  /** The function's own variables. Nothing is inherited from this process. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Also the limit of the heap. Default 1024. */
  readonly memoryMB?: number;
  /** Default `eu-central-1`. */
  readonly region?: string;
  /** Path of the bundled function-runner.ts. */
  readonly runner: string;
  /** Takes each line that the function writes. */
  readonly log: (line: string) => void;
}

/** One execution environment: a process that answers one invocation at a time. */
export interface FunctionProcess {
  /** False once it died, was killed or was cut off: a new one is needed. */
  usable(): boolean;
  /** Takes and gives JSON text. Rejects with a {@link FunctionError}. */
  invoke(payload: string, awsRequestId?: string): Promise<string>;
  /** SIGKILL, also in the middle of an invocation, which fails. Resolves when the process is gone. */
  kill(): Promise<void>;
}

/** As Lambda's: the module has ten seconds to load. */
const INIT_TIMEOUT_MS = 10_000;

/** Starts a process for the function; it loads while the first invocation waits. */
export const startFunctionProcess = (spec: FunctionSpec): FunctionProcess => {
  const { functionName, bundle, exportName = 'handler', timeoutMs, memoryMB = 1024, region = 'eu-central-1', runner, log } = spec;
  const child = fork(runner, [bundle, exportName], {
    // Neither the debugger nor the loaders of this process.
    execArgv: [`--max-old-space-size=${memoryMB}`],
    env: functionEnvironment({ functionName, region, memoryMB, environment: spec.environment }),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr]) if (stream) eachLine(stream, log);
  const mailbox = mailboxOf(child);
  const logStreamName = `local/[$LATEST]${randomUUID().replaceAll('-', '')}`;
  const fail = (error: ErrorReport): FunctionError => new FunctionError(functionName, error);

  const kill = async (): Promise<void> => {
    mailbox.close();
    child.kill('SIGKILL');
    await mailbox.gone;
  };

  /** The next answer; without one, the process is of no use any more. */
  const answer = async (awsRequestId: string, withinMs: number): Promise<FromFunction> => {
    const message = await mailbox.next(withinMs);
    if (message === 'late') {
      await kill();
      throw fail(timedOut(awsRequestId, withinMs));
    }
    if (message === 'gone') throw fail(exited(awsRequestId, child));
    return message;
  };

  let loaded: Promise<void> | undefined;
  const load = async (awsRequestId: string): Promise<void> => {
    const message = await answer(awsRequestId, INIT_TIMEOUT_MS);
    if (message.type !== 'unusable') return;
    await kill();
    throw fail(message.error);
  };

  return {
    usable: mailbox.open,
    async invoke(payload, awsRequestId = randomUUID()) {
      await (loaded ??= load(awsRequestId));
      const context: InvocationFacts = {
        awsRequestId,
        functionName,
        functionVersion: '$LATEST',
        invokedFunctionArn: `arn:aws:lambda:${region}:000000000000:function:${functionName}`,
        memoryLimitInMB: String(memoryMB),
        logGroupName: `/aws/lambda/${functionName}`,
        logStreamName,
        deadline: Date.now() + timeoutMs,
      };
      const invocation: ToFunction = { type: 'invoke', payload, context };
      // The callback keeps a write to a process that has just died from being an uncaught error; its end is seen below.
      if (child.connected) child.send(invocation, () => {});
      const message = await answer(awsRequestId, timeoutMs);
      if (message.type === 'response') return message.payload;
      throw fail(message.type === 'ready' ? exited(awsRequestId, child) : message.error);
    },
    kill,
  };
};

const timedOut = (requestId: string, timeoutMs: number): ErrorReport =>
  ({ errorType: 'Sandbox.Timedout', errorMessage: `RequestId: ${requestId} Error: Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`, trace: [] });

const exited = (requestId: string, { exitCode, signalCode }: ChildProcess): ErrorReport => {
  const how = signalCode === 'SIGKILL' ? 'signal: killed' : signalCode ? `signal: ${signalCode}` : `exit status ${exitCode ?? 'unknown'}`;
  return { errorType: 'Runtime.ExitError', errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${how}`, trace: [] };
};
