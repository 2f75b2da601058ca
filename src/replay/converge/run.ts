import { randomUUID } from 'node:crypto';
import { PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { messageOf } from '../../error-text';
import { OplockStreamError } from '../../errors';
import type { FaultPublisher } from '../../faults/publisher';
import type { Settled } from '../../settled';
import type { Engine } from '../engines/engine';
import type { TableKey } from '../engines/table-key';
import { deliverBatch, type StreamHandler } from '../mapping';
import { toPlainItems, type PlainItem } from '../table/plain';
import { mortalHandler } from '../troubles/mortal-handler';
import { createWorld, type Happened, type SentCommand } from '../troubles/troubled-client';
import { describeRetry } from '../unsettled';
import { batchesOf, type History } from './history';
import type { KnownRecord } from './records';

/** What a handler is made of, once for each process. */
export interface Process {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly onSettled: (settled: Settled) => void;
  readonly publishFault: FaultPublisher;
  /** Of the mappings: epoch ms. */
  readonly clock: number;
}

export interface Stage {
  readonly engine: Engine;
  readonly key: TableKey;
  readonly given: readonly Readonly<Record<string, unknown>>[];
  /** Attributes to leave out. */
  readonly ignore: readonly string[];
  readonly records: readonly KnownRecord[];
  readonly makeHandler: (process: Process) => StreamHandler;
}

/** What came of one history. */
export interface Run {
  readonly rows: readonly PlainItem[];
  /** Of each delivery, as the handler told. */
  readonly settled: readonly Settled[];
  readonly sent: readonly SentCommand[];
  readonly happened: readonly Happened[];
  /** Messages. */
  readonly faults: readonly string[];
}

/** Plays a history on a table of its own. Throws `CONVERGE_UNDELIVERED` when an event never gets settled. */
export const play = async (stage: Stage, history: History, clock: number): Promise<Run> => {
  const { engine, key, given, ignore, records, makeHandler } = stage;
  const tableName = `oplock-converge-${randomUUID()}`;
  const settled: Settled[] = [];
  const sent: SentCommand[] = [];
  const faults = new Set<string>();
  const planned = new Map(history.troubles.map(({ at, kind }) => [at, kind]));
  const world = createWorld(engine.client, { troubleOf: (_, ofAll) => planned.get(ofAll) }, (command) => sent.push(command));
  const handler = mortalHandler(world, ({ client }) => makeHandler({
    client, tableName, clock,
    onSettled: (one) => settled.push(one),
    publishFault: ({ err }) => { faults.add(err.message); return Promise.resolve(); },
  }));

  await engine.createTable({ name: tableName, ...key });
  try {
    for (const item of given) await engine.client.send(new PutCommand({ TableName: tableName, Item: { ...item } }));
    for (const batch of batchesOf(history)) {
      // Copies: two deliveries of one record are told apart by identity.
      const { undelivered, errors } = await deliverBatch(batch.map((i) => copy(records[i]?.record)), handler);
      if (undelivered.length > 0) throw neverSettled(settled, errors);
    }
    const rows = toPlainItems(await engine.scan(tableName), key).map((row) => without(row, ignore));
    return { rows, settled, sent, happened: world.happened, faults: [...faults] };
  } finally {
    await engine.dropTable(tableName);
  }
};

const copy = (record: unknown): unknown => (typeof record === 'object' && record !== null ? { ...record } : record);

const without = (row: PlainItem, names: readonly string[]): PlainItem =>
  (names.length === 0 ? row : Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name))));

const neverSettled = (settled: readonly Settled[], errors: readonly unknown[]): OplockStreamError => {
  const error = errors.at(-1);
  const why = settled.flatMap((one) => describeRetry(one) ?? []).at(-1) ?? messageOf(error);
  return new OplockStreamError('CONVERGE_UNDELIVERED', `An event was delivered again and again, and never settled: ${why}. Cure that first; then the table can be looked at.`, error === undefined ? {} : { cause: error });
};
