import { randomUUID } from 'node:crypto';
import { Kinesis } from '@aws-sdk/client-kinesis';
import type { KinesisStreamRecord } from 'aws-lambda';
import { kinesisEngine, type KinesisEngine } from '../../src/replay/engines/kinesis';
import { eventSourceMapping, type EventSourceMapping } from '../../src/replay/event-source/event-source-mapping';
import { kinesisStream } from '../../src/replay/event-source/kinesis-stream';
import type { EventSourceMappingOptions } from '../../src/replay/event-source/options';

/** What a test puts into the data of a record. */
export interface Item {
  readonly key: string;
  readonly n: number;
}

export const itemOf = ({ kinesis }: KinesisStreamRecord): Item => JSON.parse(Buffer.from(kinesis.data, 'base64').toString()) as Item;

export interface KinesisLab {
  engine(): KinesisEngine;
  client(): Kinesis;
  /** A stream of its own for each test. */
  stream(shardCount?: number): Promise<string>;
  put(stream: string, items: readonly Item[]): Promise<void>;
  /** Is stopped after the test. */
  map(stream: string, options: Omit<EventSourceMappingOptions<KinesisStreamRecord>, 'source' | 'startingPosition'> & { startingPosition?: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP' }): EventSourceMapping;
}

export const kinesisLab = (): KinesisLab => {
  let engine: KinesisEngine;
  let client: Kinesis;
  const running: EventSourceMapping[] = [];
  beforeAll(async () => {
    engine = await kinesisEngine();
    client = new Kinesis(engine.connection);
  });
  afterEach(async () => { await Promise.all(running.splice(0).map((mapping) => mapping.stop())); });
  afterAll(async () => {
    client.destroy();
    await engine.stop();
  });
  return {
    engine: () => engine,
    client: () => client,
    stream: async (shardCount = 1) => {
      const name = `s-${randomUUID()}`;
      await engine.createStream({ name, shardCount });
      return name;
    },
    put: async (StreamName, items) => {
      for (let at = 0; at < items.length; at += 500) {
        await client.putRecords({ StreamName, Records: items.slice(at, at + 500).map((item) => ({ PartitionKey: item.key, Data: Buffer.from(JSON.stringify(item)) })) });
      }
    },
    map: (streamName, options) => {
      const mapping = eventSourceMapping({
        source: kinesisStream({ client, streamName }), startingPosition: 'TRIM_HORIZON', pollIntervalMs: 10, shardSyncIntervalMs: 30, retryDelayMs: () => 0, onError: () => {}, ...options,
      });
      running.push(mapping);
      return mapping;
    },
  };
};

/** `n` items of some keys, `n` counting up. */
export const items = (n: number, keys = 10): readonly Item[] => Array.from({ length: n }, (_none, at) => ({ key: `k${at % keys}`, n: at }));

/** In order for each key? */
export const inOrderPerKey = (seen: readonly Item[]): boolean => {
  const last = new Map<string, number>();
  return seen.every(({ key, n }) => {
    const before = last.get(key) ?? -1;
    last.set(key, n);
    return n > before;
  });
};
