import { OplockStreamError } from 'oplock-stream';
import { startFunctionProcess, type FunctionProcess, type FunctionSpec } from './function-process';

export interface LocalFunctionOptions extends FunctionSpec {
  /** Most processes at once; more invocations wait for their turn. Default 1. */
  readonly concurrency?: number;
}

/** A bundled function that runs in processes of its own, as Lambda runs it in execution environments. */
export interface LocalFunction {
  readonly functionName: string;
  /**
   * Resolves to what the handler returned, after JSON; rejects with a `FunctionError`. A process is started when none
   * is idle, also after one died. Errors: `FUNCTION_STOPPED`.
   */
  invoke(event: unknown, options?: { readonly awsRequestId?: string }): Promise<unknown>;
  /** SIGKILL to all its processes; what they were doing fails. Gives how many invocations that were. */
  kill(): Promise<number>;
  readonly stats: FunctionStats;
  /** Kills what runs and takes nothing more. No process is left when it resolves. */
  stop(): Promise<void>;
}

export interface FunctionStats {
  readonly invocations: number;
  readonly failures: number;
  /** Processes that were started: cold starts. */
  readonly starts: number;
}

/** Nothing is started before the first invocation. */
export const startFunction = (options: LocalFunctionOptions): LocalFunction => {
  const { functionName, log, concurrency = 1 } = options;
  const idle: FunctionProcess[] = [];
  const busy = new Set<FunctionProcess>();
  const turns: (() => void)[] = [];
  const stats = { invocations: 0, failures: 0, starts: 0 };
  let stopped = false;

  const acquire = async (): Promise<FunctionProcess> => {
    while (!stopped && busy.size >= concurrency) await new Promise<void>((resolve) => turns.push(resolve));
    if (stopped) throw new OplockStreamError('FUNCTION_STOPPED', `${functionName} was stopped: start it again to invoke it.`);
    let found = idle.pop();
    while (found && !found.usable()) found = idle.pop();
    if (!found) {
      found = startFunctionProcess(options);
      stats.starts += 1;
    }
    busy.add(found);
    return found;
  };

  const release = (used: FunctionProcess): void => {
    busy.delete(used);
    if (used.usable()) idle.push(used);
    turns.shift()?.();
  };

  const kill = async (): Promise<number> => {
    const underWay = busy.size;
    await Promise.all([...busy, ...idle.splice(0)].map((one) => one.kill()));
    return underWay;
  };

  return {
    functionName,
    stats,
    kill,
    async invoke(event, { awsRequestId } = {}) {
      // As Lambda has it: later changes of the event do not reach the function.
      const payload = JSON.stringify(event) ?? 'null';
      const process = await acquire();
      stats.invocations += 1;
      try {
        return JSON.parse(await process.invoke(payload, awsRequestId)) as unknown;
      } catch (error) {
        stats.failures += 1;
        if (!stopped) log(error instanceof Error ? error.message : String(error));
        throw error;
      } finally {
        release(process);
      }
    },
    async stop() {
      stopped = true;
      for (const turn of turns.splice(0)) turn();
      await kill();
    },
  };
};
