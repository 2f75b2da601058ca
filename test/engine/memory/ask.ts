import { DeleteCommand, GetCommand, PutCommand, TransactWriteCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { canonicalNumber } from '../../../src/decimal';
import { numberKey } from '../../../src/oplock/value/number';
import type { Engine } from '../../../src/replay/engines/engine';
import type { Step } from './arbitraries';

const COMMANDS = { Get: GetCommand, Put: PutCommand, Update: UpdateCommand, Delete: DeleteCommand };

export interface Answer {
  readonly error?: string;
  readonly reasons?: readonly { readonly Code: string }[];
  readonly [name: string]: unknown;
}

/** What a request came to, without what differs by nature: texts of messages, ids, capacity. */
export const settled = async (send: () => Promise<unknown>): Promise<Answer> => {
  try {
    const answer = await send();
    const { $metadata: _, ConsumedCapacity: __, ...rest } = (Array.isArray(answer) ? { list: answer as unknown[] } : answer) as Record<string, unknown>;
    return sorted(rest) as Answer;
  } catch (error) {
    const { name, Item, CancellationReasons } = error as { name: string; Item?: unknown; CancellationReasons?: { Code: string; Item?: unknown }[] };
    return sorted({ error: name, Item, reasons: CancellationReasons?.map((reason) => ({ Code: reason.Code, Item: reason.Item })) }) as Answer;
  }
};

export const ask = (client: DynamoDBDocumentClient, TableName: string, step: Step): Promise<Answer> => settled(() => {
  const command = step.kind === 'Transact'
    ? new TransactWriteCommand({ TransactItems: step.items.map(({ kind, input }) => ({ [kind]: { TableName, ...input } })) })
    : new COMMANDS[step.kind]({ TableName, ...step.input } as never);
  return client.send(command as PutCommand);
});

export const tableOf = (engine: Engine, TableName: string, keys: readonly Readonly<Record<string, unknown>>[]): Promise<Answer[]> =>
  Promise.all(keys.map((Key) => ask(engine.client, TableName, { kind: 'Get', input: { Key } })));

/** Members of sets have no order. Numbers by their value: the client gives 1e21 as a bigint or as a number. */
const sorted = (value: unknown): unknown => {
  if (value instanceof Set) return { set: [...value].map((one) => String(sorted(one))).sort() };
  if (ArrayBuffer.isView(value)) return `bytes ${Buffer.from(value as Uint8Array).toString('hex')}`;
  if (typeof value === 'bigint' || typeof value === 'number') return `number ${numberKey(value)}`;
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const map = value as Record<string, unknown>;
  const number = Object.keys(map).length === 1 ? map['N'] : undefined;
  if (typeof number === 'string') return { N: canonicalNumber(number) }; // DynamoDB Local writes 0.0 and 1E+21
  const set = map['SS'] ?? map['NS'] ?? map['BS'];
  if (Array.isArray(set) && Object.keys(map).length === 1) return { set: set.map((one) => (map['NS'] ? canonicalNumber(String(one)) : String(sorted(one)))).sort() };
  return Object.fromEntries(Object.keys(map).filter((name) => map[name] !== undefined).sort().map((name) => [name, sorted(map[name])]));
};
