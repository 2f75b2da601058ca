import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { PARTITION_KEY } from './locker';

/** One call of the client, as it was seen from outside. Times are of `performance.now()`. */
export interface Call {
  readonly op: string;
  readonly key: string;
  readonly sentAt: number;
  readonly answeredAt: number;
  /** HTTP requests: the client of the SDK may have tried more than once. */
  readonly requests: number;
  /** Done, and not refused. */
  readonly ok: boolean;
}

interface Input {
  readonly Key?: Readonly<Record<string, unknown>>;
  readonly Item?: Readonly<Record<string, unknown>>;
}

type Send = (command: { readonly input: Input; readonly constructor: { readonly name: string } }, options?: object) => Promise<object>;

const attemptsOf = (answer: unknown): number => (answer as { readonly $metadata?: { readonly attempts?: number } }).$metadata?.attempts ?? 1;

/** One client for all lockers of a process, with the same settings for every side. */
export const createConnection = (): DynamoDBClient => new DynamoDBClient({ requestHandler: { connectionTimeout: 3_000, httpAgent: { keepAlive: true, maxSockets: 128 } } });

/** A document client that keeps a list of what is sent through it. */
export const recording = (connection: DynamoDBClient): { readonly client: DynamoDBDocument; readonly calls: Call[] } => {
  const client = DynamoDBDocument.from(connection, { marshallOptions: { removeUndefinedValues: true } });
  const calls: Call[] = [];
  const send = client.send.bind(client) as unknown as Send;
  const recorded: Send = async (command, options) => {
    const { input: { Key, Item }, constructor: { name } } = command;
    const sentAt = performance.now();
    const keep = (answer: unknown, ok: boolean): void => {
      calls.push({ op: name, key: String((Key ?? Item)?.[PARTITION_KEY]), sentAt, answeredAt: performance.now(), requests: attemptsOf(answer), ok });
    };
    try {
      const answer = await send(command, options);
      keep(answer, true);
      return answer;
    } catch (error) {
      keep(error, false);
      throw error;
    }
  };
  return { client: Object.assign(client, { send: recorded }), calls };
};

export const requestsOf = (calls: readonly Call[]): number => calls.reduce((sum, { requests }) => sum + requests, 0);
