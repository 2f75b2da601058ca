import { randomUUID } from 'node:crypto';
import { defined } from '../defined';
import { OplockStreamError } from '../errors';
import { createHandler } from '../pipelines/create-handler';
import { initializeFrom } from '../pipelines/initialize';
import type { Rule } from '../pipelines/pipeline';
import type { Logger } from '../logger';
import type { Strategy } from '../sinks/dynamodb/update-options';
import type { Source } from '../sources/source';
import type { ReplaySource } from './source';
import { latestTimestamp, silentLogger } from './clock';
import { deliverBatches } from './deliver';
import { deliveryOrder, type OrderOptions } from './delivery-order';
import type { Engine } from './engines/engine';
import { embeddedEngine } from './engines/embedded';
import { tableKey, type TableKey, type TableSpec } from './engines/table-key';
import { readFixtures, type StreamEvent } from './fixture/read';
import type { Injected } from './injected';
import type { MappingOptions, StreamHandler } from './mapping';
import { seededCrashes } from './troubles/seeded-crashes';
import type { ReplayResult } from './report';
import { digest } from './table/digest';
import { toPlainItems } from './table/plain';

export interface ReplayOptions extends OrderOptions {
  /** Paths of fixtures (`.jsonl`, `.jsonl.gz`), delivered in this order, or the invocation events themselves. Held in memory. */
  readonly fixtures: readonly (string | StreamEvent)[];
  /** `fromKinesis`, `fromDynamodb`, … */
  readonly source: ReplaySource;
  /** What to do with the events; or give a `handler`. */
  readonly rules?: readonly Rule[];
  /** Makes the Lambda function to call, where rules are not enough; with `crash`, once for each process. Everything in `Injected` must be put to use. */
  readonly handler?: (injected: Injected) => StreamHandler;
  /** The key of the table. Default `pk` and `sk`, strings. */
  readonly table?: Omit<TableSpec, 'name'>;
  /** Default: an embedded one, stopped at the end. An engine that you give is left running. */
  readonly engine?: Engine;
  /** A table of this name is made if need be, used with what it holds, and kept. Default: a new one, removed at the end. */
  readonly tableName?: string;
  /** Epoch ms. Default: the latest timestamp among the events; the real clock on the aws engine. */
  readonly now?: number;
  /** Writes under way at once. Default: the handler's own. */
  readonly concurrency?: number;
  /** How structured writes are sent. Default: the handler's own. A rule that has one keeps it. */
  readonly strategy?: Strategy;
  /** Default: 5 attempts, 50 to 800 ms apart. */
  readonly mapping?: MappingOptions;
  /** Default: silent; outcomes and faults are in the report. */
  readonly logger?: Logger;
  /**
   * The share of invocations, up to 0.9, that are interrupted at a random point: some of their writes are done, of some
   * the response is lost, the rest are never sent. The batch is delivered again, to a new process, which uses up no
   * attempt. `seed` decides on the points. Not on the aws engine. Default 0.
   */
  readonly crash?: number;
  /** Called after each batch with the number of records delivered so far, and of all. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Delivers recorded events to a handler as Lambda would, in the order recorded or another one, and reports what
 * they ended in and the table that they left.
 */
export const replay = async (options: ReplayOptions): Promise<ReplayResult> => {
  const key = tableKey(options.table ?? { partitionKey: 'pk', sortKey: 'sk' });
  const source = options.source as unknown as Source<StreamEvent>;
  const events = await readFixtures(options.fixtures);
  const batches = deliveryOrder(events, options);
  const latest = await latestTimestamp(source, events);
  const troubles = options.crash === undefined || options.crash === 0 ? undefined : seededCrashes(options.crash, options.seed ?? 1);
  const make = options.handler ?? fromRules(source, options.rules);
  const engine = options.engine ?? await embeddedEngine();
  if (troubles && engine.name === 'aws') throw new OplockStreamError('INVALID_OPTION', 'replay interrupts no writes to a table in an AWS account: leave `crash` out, or take another engine.');
  const now = clock(options.now ?? (engine.name === 'aws' ? undefined : latest));
  try {
    return await withTable(engine, key, options.tableName, async (tableName) => {
      const delivered = await deliverBatches(batches, {
        client: engine.client,
        makeHandler: (process) => make({
          ...process,
          tableName,
          now,
          logger: options.logger ?? silentLogger,
          ...defined({ concurrency: options.concurrency, strategy: options.strategy }),
        }),
        mapping: { ...PATIENCE, ...options.mapping },
        ...(troubles && { troubles }),
        ...(options.onProgress ? { onProgress: options.onProgress } : {}),
      });
      const items = await engine.scan(tableName);
      return { ...delivered, table: { items: items.length, digest: digest(items) }, rows: toPlainItems(items, key) };
    });
  } finally {
    if (!options.engine) await engine.stop();
  }
};

/** The handler has retried for itself before it reports a record: a few times more, then the replay goes on. */
const PATIENCE: MappingOptions = { maximumRetryAttempts: 5, retryDelayMs: (attempt) => 25 * 2 ** attempt };

/** A table without a name of the caller's is only there for the replay. */
export const withTable = async <T>(engine: Engine, key: TableKey, wanted: string | undefined, use: (name: string) => Promise<T>): Promise<T> => {
  const name = wanted ?? `oplock-replay-${randomUUID()}`;
  await engine.createTable({ name, ...key });
  try {
    return await use(name);
  } finally {
    if (wanted === undefined) await engine.dropTable(name);
  }
};

const clock = (fixed: number | undefined): (() => number) => (fixed === undefined ? Date.now : () => fixed);

/** A rule's own options come first in a handler: these would lead its writes past the table that is looked at. */
export const checkTarget = (rule: Rule, tableName: string): void => {
  const { tableName: own, client, publisher } = rule as { readonly tableName?: unknown; readonly client?: unknown; readonly publisher?: unknown };
  const refuse = (what: string, advice: string): never => {
    throw new OplockStreamError('INVALID_OPTION', `rule "${rule.id}" has ${what} of its own, and a replay writes to one table of one engine. ${advice}`);
  };
  if (own !== undefined && own !== tableName) refuse(`a tableName (${JSON.stringify(own)})`, 'Leave it out of the rule, or give the replay a table of that name.');
  if (client !== undefined) refuse('a client', 'Leave it out of the rule.');
  // Others would hear of what happened long ago as if it were news.
  if (publisher !== undefined) refuse('a publisher', 'It would publish for real: leave rules that publish out.');
};

const fromRules = (source: Source<StreamEvent>, rules: readonly Rule[] | undefined) => {
  if (!rules) throw new OplockStreamError('INVALID_OPTION', 'replay has nothing to do with the events: give it rules, or a handler.');
  const pipelines = initializeFrom(rules);
  return (injected: Injected): StreamHandler => {
    for (const rule of rules) checkTarget(rule, injected.tableName);
    const handler = createHandler({ ...injected, source, pipelines });
    return (event) => handler(event);
  };
};
