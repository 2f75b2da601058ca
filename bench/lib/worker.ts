import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Measured, Task, WorkerSettings } from './task';

/** A process that does tasks. */
export interface Served<T, M> {
  run(task: T): Promise<M | undefined>;
  stop(): Promise<void>;
}

export interface Worker {
  run(task: Task): Promise<Measured>;
  stop(): Promise<void>;
}

interface Answer<M> {
  readonly ready?: true;
  readonly measured?: M;
  readonly error?: string;
}

export interface WorkerOptions {
  /** Of the engine; none for sinks in the process. */
  readonly endpoint?: string;
  /** Where a CPU profile of the process goes. */
  readonly profile?: string | undefined;
}

/** A check is not measured. */
const NOTHING: Measured = { events: 0, cpuUs: 0, wallUs: 0, writes: 0, requests: 0, overtaken: 0, keptBytes: 0, peakBytes: 0 };

/** The environment of a function, as small as it can be: what the developer has exported is not to be measured. */
const environment = (endpoint = 'http://127.0.0.1:9'): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_ENDPOINT_URL_DYNAMODB: endpoint,
  // Without these, aws-lambda-stream drops events as its own, and publishes faults to nowhere.
  PROJECT: 'bench', BUS_NAME: 'bench', AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  NODE_ENV: 'production',
});

/** Starts the process of a side, which `serve` runs in. `script`: in bench/.build, where this runs, too. */
export const startProcess = async <S extends { readonly side: string }, T extends object, M>(script: string, settings: S, { endpoint, profile }: WorkerOptions = {}): Promise<Served<T, M>> => {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [JSON.stringify(settings)], {
    env: environment(endpoint),
    execArgv: ['--expose-gc', ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${settings.side}-${Date.now()}.cpuprofile`])],
    stdio: ['ignore', 2, 2, 'ipc'], // what a side prints must not get into --json
  });
  const next = (): Promise<Answer<M>> => new Promise((resolve, reject) => {
    const exit = (code: number | null): void => reject(new Error(`the process of ${settings.side} ended with ${code}`));
    child.once('exit', exit);
    child.once('message', (answer: Answer<M>) => {
      child.off('exit', exit);
      if (answer.error === undefined) resolve(answer);
      else reject(new Error(answer.error));
    });
  });
  await next();
  return {
    run: async (task) => {
      if (!child.connected) throw new Error(`the process of ${settings.side} has ended`);
      const answer = next();
      child.send(task);
      return (await answer).measured;
    },
    stop: async () => {
      if (child.exitCode !== null) return;
      const exit = new Promise((resolve) => { child.once('exit', resolve); });
      child.disconnect();
      await exit;
    },
  };
};

/** Starts the process of a side that listens. */
export const startWorker = async (settings: WorkerSettings, options: WorkerOptions = {}): Promise<Worker> => {
  const { run, stop } = await startProcess<WorkerSettings, Task, Measured>('worker.js', settings, options);
  return { run: async (task) => await run(task) ?? NOTHING, stop };
};
