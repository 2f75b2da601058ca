import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** Chances, each from 0 to 1. */
export interface Faults {
  readonly requestLost: number;
  readonly responseLost: number;
  /** The caller gets an error, and the request arrives up to `delayMs` later. */
  readonly delayed: number;
  readonly slowRequest: number;
  readonly slowResponse: number;
  /** The request is executed, and the SDK sends it once more; the second answer counts. */
  readonly duplicated: number;
  readonly delayMs: number;
  readonly slowMs: number;
}

export interface FaultyClient {
  readonly client: DynamoDBDocumentClient;
  /** What was done to how many. */
  readonly count: () => Readonly<Record<string, number>>;
  /** Until the last delayed request has arrived. */
  readonly drained: () => Promise<unknown>;
}

/** Around each delivery of a request to the table. */
export type Watch = <T>(input: object, send: () => Promise<T>) => Promise<T>;

const lost = () => Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });

/** A real client whose requests meet with accidents. What was given up by its caller arrives all the same. */
export const faultyClient = (real: DynamoDBDocumentClient, faults: Faults, random: () => number, watch: Watch): FaultyClient => {
  const counts = new Map<string, number>();
  const late = new Set<Promise<unknown>>();
  const happened = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
  const background = (task: Promise<unknown>) => {
    const entry: Promise<unknown> = task.catch(() => {}).finally(() => late.delete(entry));
    late.add(entry);
    return task;
  };

  const send = async (command: { readonly input: never }): Promise<unknown> => {
    // Nobody can call a request back that has left.
    const execute = () => background(watch(command.input, () => (real.send as (given: unknown) => Promise<unknown>)(command)));
    let roll = random();
    const meets = (what: keyof Faults): boolean => {
      const met = roll >= 0 && roll < faults[what];
      roll -= faults[what];
      if (met) happened(what);
      return met;
    };
    happened('requests');
    const after = random();
    if (meets('requestLost')) throw lost();
    if (meets('responseLost')) return execute().catch(() => {}).then(() => { throw lost(); });
    if (meets('delayed')) {
      void background(sleep(after * faults.delayMs).then(execute));
      throw lost();
    }
    if (meets('slowRequest')) await sleep(after * faults.slowMs);
    if (meets('slowResponse')) return execute().finally(() => sleep(after * faults.slowMs));
    if (meets('duplicated')) {
      await execute().catch(() => {});
      return execute().catch((error: unknown) => { throw Object.assign(error as object, { $metadata: { attempts: 2 } }); });
    }
    return execute();
  };

  return {
    client: new Proxy(real, { get: (target, name) => (name === 'send' ? send : Reflect.get(target, name)) }),
    count: () => Object.fromEntries(counts),
    drained: async () => { while (late.size > 0) await Promise.allSettled(late); },
  };
};
