import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { BatchResponse } from '../../src/pipelines/to-promise';

/** What may happen to a request: chances, each from 0 to 1. */
export interface Troubles {
  readonly throttle?: number;
  /** The service answers 500; the request may have been executed. */
  readonly serverError?: number;
  /** The request was executed, but its response is lost. */
  readonly lostResponse?: number;
  /** The process dies at its n-th request, which may or may not have been sent; nothing after it is. */
  readonly crashAt?: number;
}

export interface ChaosClient {
  readonly client: DynamoDBDocumentClient;
  /** Rejects when the process has died. */
  readonly death: Promise<never>;
  readonly requests: () => number;
}

const named = (name: string, more: object = {}): Error => Object.assign(new Error(name), { name }, more);

/** A client over a real one, for one life of a process. */
export const chaosClient = (real: DynamoDBDocumentClient, troubles: Troubles, random: () => number): ChaosClient => {
  let die!: (error: Error) => void;
  const death = new Promise<never>((_resolve, reject) => {
    die = reject;
  });
  death.catch(() => {});
  let dead = false;
  let requests = 0;
  const forever = new Promise<never>(() => {});
  const send = async (command: never, options: never): Promise<unknown> => {
    if (dead) return forever;
    requests += 1;
    const roll = random();
    const executed = random() < 0.5;
    let limit = troubles.throttle ?? 0;
    if (roll < limit) throw named('ThrottlingException', { $metadata: { httpStatusCode: 400 } });
    if (roll < (limit += troubles.serverError ?? 0)) {
      if (executed) await real.send(command, options).catch(() => {});
      throw named('InternalServerError', { $fault: 'server', $metadata: { httpStatusCode: 500 } });
    }
    if (roll < (limit += troubles.lostResponse ?? 0)) {
      await real.send(command, options).catch(() => {});
      throw named('TimeoutError');
    }
    if (requests === troubles.crashAt) {
      dead = true;
      if (executed) await real.send(command, options).catch(() => {});
      die(named('Crash'));
      return forever;
    }
    return real.send(command, options);
  };
  const client = new Proxy(real, { get: (target, name) => (name === 'send' ? send : Reflect.get(target, name)) });
  return { client, death, requests: () => requests };
};

/**
 * Delivers a batch as Lambda does until nothing of it is left: a dead or failed invocation gets the whole batch
 * again, a partial response everything from the lowest reported record. `invoke` is one life of the function.
 */
export const deliverUntilDone = async <R>(
  records: readonly R[],
  identify: (record: R) => string,
  invoke: (records: readonly R[]) => Promise<BatchResponse>,
  maxDeliveries = 500,
): Promise<number> => {
  let rest = records;
  for (let deliveries = 1; deliveries <= maxDeliveries; deliveries += 1) {
    const response = await invoke(rest).catch(() => undefined);
    if (response) {
      const [lowest] = response.batchItemFailures.map(({ itemIdentifier }) => BigInt(itemIdentifier)).sort((a, b) => (a < b ? -1 : 1));
      if (lowest === undefined) return deliveries;
      rest = rest.filter((record) => BigInt(identify(record)) >= lowest);
    }
  }
  throw new Error(`not done after ${maxDeliveries} deliveries: ${rest.length} records are left`);
};
