import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { drawnLatency } from './latency';
import type { Sink } from './task';

export interface Input {
  /** Of an update. */
  readonly Key?: { readonly pk?: unknown };
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>>;
  /** Of a batch. */
  readonly Statements?: readonly { readonly Parameters: readonly unknown[] }[];
}

export type Send = (command: { readonly input: Input }) => Promise<object>;

const documentClients = DynamoDBDocumentClient.prototype as unknown as { send: Send };

/** As it was before anybody replaced it. */
export const realSend = documentClients.send;

/** What stands in for the network. All sides, ours too, send through this one method. */
export const replaceSend = (send: Send): void => {
  documentClients.send = send;
};

/** Counts since it was asked last. */
export interface FakeSink {
  readonly send: Send;
  readonly taken: () => { readonly writes: number; readonly requests: number; readonly overtaken: number };
}

const answer = ({ Statements }: Input): object => (Statements ? { $metadata: {}, Responses: Statements.map(() => ({})) } : { $metadata: {} });

/** Takes every write and forgets it. */
export const createFakeSink = (sink: Sink): FakeSink => {
  let counts = { writes: 0, requests: 0, overtaken: 0 };
  const underWay = new Set<string>();

  const count = ({ Statements }: Input): void => {
    counts.requests += 1;
    counts.writes += Statements?.length ?? 1;
  };

  const atOnce: Send = async ({ input }) => {
    count(input);
    return answer(input);
  };

  /** A request takes as long as the slowest of its writes. Two writes of an item at once may end in either order. */
  const later: Send = async ({ input }) => {
    count(input);
    const writes = writesOf(input);
    counts.overtaken += writes.filter(({ id }) => underWay.has(id)).length;
    writes.forEach(({ id }) => underWay.add(id));
    await new Promise((resolve) => { setTimeout(resolve, Math.max(...writes.map(({ id, timestamp }) => drawnLatency(id, timestamp)))); });
    writes.forEach(({ id }) => underWay.delete(id));
    return answer(input);
  };

  return {
    send: sink === 'timers' ? later : atOnce,
    taken: () => {
      const taken = counts;
      counts = { writes: 0, requests: 0, overtaken: 0 };
      return taken;
    },
  };
};

/** Which events are written: each side names its values differently, but there is only one key and one time among them. */
const writesOf = ({ Key, ExpressionAttributeValues, Statements }: Input): readonly { readonly id: string; readonly timestamp: number }[] =>
  (Statements ? Statements.map(({ Parameters }) => Parameters) : [[Key?.pk, ...Object.values(ExpressionAttributeValues ?? {})]]).map((values) => ({
    id: values.find((value): value is string => typeof value === 'string' && /^thing-\d+$/.test(value)) ?? '',
    timestamp: values.find((value): value is number => typeof value === 'number' && value > 1e12) ?? 0,
  }));
