import { GetItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { OplockStreamError } from '../../errors';
import { isSetAside, type Outcome } from '../../outcome';
import { createHandler } from '../../pipelines/create-handler';
import { initializeFrom } from '../../pipelines/initialize';
import type { Rule } from '../../pipelines/pipeline';
import type { Settled } from '../../settled';
import type { Source } from '../../sources/source';
import { latestTimestamp, silentLogger } from '../clock';
import { deliveryOrder, type OrderOptions } from '../delivery-order';
import type { Engine } from '../engines/engine';
import { memoryEngine } from '../engines/memory';
import { keyAttributes, tableKey, type TableKey, type TableSpec } from '../engines/table-key';
import { readFixtures, type StreamEvent } from '../fixture/read';
import { checkTarget, withTable } from '../replay';
import type { ReplaySource } from '../source';
import { diffItems } from '../table/diff';
import { toPlainItems, type PlainItem } from '../table/plain';
import type { Chapter, Story } from './story';
import { watchItem } from './watch';

export interface StoryOptions extends Omit<OrderOptions, 'batchSize' | 'split'> {
  /** Paths of fixtures, or the invocation events themselves. */
  readonly fixtures: readonly (string | StreamEvent)[];
  readonly rules: readonly Rule[];
  readonly source: ReplaySource;
  /** The item: its key attributes, as text. */
  readonly key: Readonly<Record<string, string>>;
  /** Default `pk` and `sk`, strings. */
  readonly table?: Omit<TableSpec, 'name'>;
  /** Default: one in memory. One that you give is left running. */
  readonly engine?: Engine;
  /** Epoch ms. Default: the latest timestamp among the events. */
  readonly now?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * The story of one item: each record is delivered by itself, in the order that is asked for, and what it meant for the
 * item is written down. Errors: `INVALID_OPTION` for a key that is not the table's, and those of `replay`.
 */
export const itemStory = async (options: StoryOptions): Promise<Story> => {
  const table = tableKey(options.table ?? { partitionKey: 'pk', sortKey: 'sk' });
  const names = keyAttributes(table).map(({ name }) => name);
  if (names.some((name) => options.key[name] === undefined) || Object.keys(options.key).length !== names.length) {
    throw new OplockStreamError('INVALID_OPTION', `the key of an item of this table has ${names.join(' and ')}: found ${Object.keys(options.key).join(' and ') || 'nothing'}.`);
  }
  const source = options.source as unknown as Source<StreamEvent>; // whichever it is, it takes what the fixtures hold
  const events = await readFixtures(options.fixtures);
  const records = deliveryOrder(events, options).flat();
  const engine = options.engine ?? memoryEngine();
  const now = options.now ?? (await latestTimestamp(source, events)) ?? Date.now();
  try {
    return await withTable(engine, table, undefined, async (tableName) => {
      const watched = watchItem(engine.client, options.key);
      let settled: Settled[] = [];
      for (const rule of options.rules) checkTarget(rule, tableName);
      const handler = createHandler({
        source, pipelines: initializeFrom(options.rules), client: watched.client, tableName, now: () => now, logger: silentLogger,
        fold: false, // each event of an aggregated record has a verdict of its own
        publishFault: async () => {},
        onSettled: (one) => { settled.push(one); },
      });
      const read = async (): Promise<PlainItem | undefined> => {
        const { Item: item } = await engine.client.send(new GetItemCommand({ TableName: tableName, Key: wireKey(table, options.key), ConsistentRead: true }));
        return item && toPlainItems([item], table)[0];
      };

      const chapters: Chapter[] = [];
      let before: PlainItem | undefined;
      for (const [i, record] of records.entries()) {
        settled = [];
        await handler({ Records: [record] });
        const asked = watched.look();
        const after = asked ? await read() : before;
        const changes = asked ? diffItems(after ?? {}, before ?? {}).filter(({ name }) => !names.includes(name)) : [];
        for (const one of settled) {
          if (asked || mayBeMissed(one, options.key[names[0] ?? ''])) chapters.push(chapterOf(i + 1, one, asked, changes));
        }
        before = after;
        options.onProgress?.(i + 1, records.length);
      }
      return { key: options.key, table, deliveries: records.length, chapters, ...(before && { item: before }) };
    });
  } finally {
    if (!options.engine) await engine.stop();
  }
};

/** Binary keys are given in base64, as they are shown. */
const wireKey = (table: TableKey, key: StoryOptions['key']): Record<string, AttributeValue> =>
  Object.fromEntries(keyAttributes(table).map(({ name, type }) => {
    const text = key[name] ?? '';
    return [name, type === 'B' ? { B: Buffer.from(text, 'base64') } : type === 'N' ? { N: text } : { S: text }];
  }));

/** A rule came to no write of an event about the item's partition: a filter, or a fault, may be why the item lacks something. */
const mayBeMissed = ({ event, origin, outcome, parts }: Settled, partition: string | undefined): boolean =>
  (event?.partitionKey ?? origin.key) === partition && [outcome, ...parts.map((part) => part.outcome)].some(isWithoutWrite);

const isWithoutWrite = (outcome: Outcome): boolean => outcome.kind === 'filtered' || outcome.kind === 'retry' || isSetAside(outcome);

const chapterOf = (delivery: number, { event, parts }: Settled, asked: boolean, changes: Chapter['changes']): Chapter => ({
  delivery,
  ...(event && { event: { id: event.id, type: event.type, timestamp: event.timestamp } }),
  parts: parts.map(({ pipeline, outcome }) => ({ pipeline, outcome })),
  asked,
  changes,
});
