import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Measured, Task, WorkerSettings } from './task';

export interface Worker {
  run(task: Task): Promise<Measured>;
  stop(): Promise<void>;
}

interface Answer {
  readonly ready?: true;
  readonly measured?: Measured;
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

/** Starts the process of a side. */
export const startWorker = async (settings: WorkerSettings, { endpoint, profile }: WorkerOptions = {}): Promise<Worker> => {
  const child = fork(fileURLToPath(new URL('worker.js', import.meta.url)), [JSON.stringify(settings)], {
    env: environment(endpoint),
    execArgv: ['--expose-gc', ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${settings.side}-${Date.now()}.cpuprofile`])],
    stdio: ['ignore', 2, 2, 'ipc'], // what a side prints must not get into --json
  });
  const next = (): Promise<Answer> => new Promise((resolve, reject) => {
    const exit = (code: number | null): void => reject(new Error(`the process of ${settings.side} ended with ${code}`));
    child.once('exit', exit);
    child.once('message', (answer: Answer) => {
      child.off('exit', exit);
      if (answer.error === undefined) resolve(answer);
      else reject(new Error(answer.error));
    });
  });
  await next();
  return {
    run: async (task) => {
      const answer = next();
      child.send(task);
      return (await answer).measured ?? NOTHING;
    },
    stop: async () => {
      if (child.exitCode !== null) return;
      const exit = new Promise((resolve) => { child.once('exit', resolve); });
      child.disconnect();
      await exit;
    },
  };
};
