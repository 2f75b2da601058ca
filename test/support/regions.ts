import { PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createHandler, fromDynamodb, fromKinesis, initializeFrom, reassert, toDynamodbRecords, toKinesisRecords, type Event, type OplockOptions, type Outcome, type Pipelines, type TableChange } from '../../src';
import { fromAttributeMap } from '../../src/attribute-value';
import type { Engine } from '../../src/replay/engines/engine';
import { freshTable } from './engines';
import { silent } from './uows';

type Item = Readonly<Record<string, unknown>>;

export interface RegionOptions {
  /** The listener's. */
  readonly pipelines: Pipelines;
  readonly oplock?: OplockOptions;
  readonly now: number;
  readonly onOutcome?: (outcome: Outcome, step: 'listen' | 'reassert') => void;
}

/**
 * One region of a global table: its replica, what its table's stream has not shown yet, and what has not reached it yet.
 * As global tables do it, whole items are replicated, and the later write wins.
 */
export interface Region {
  readonly table: string;
  /** The listener gets these events. */
  listen(events: readonly Event[]): Promise<void>;
  /** Takes the next write of another region, in the order of that region's writes. */
  replicate(): Promise<boolean>;
  /** The function that mends the table gets the next records of its stream; `keep`: they come again. */
  watch(records: number, keep?: boolean): Promise<boolean>;
  items(): Promise<Item[]>;
}

export const createRegions = async (engine: Engine, count: number, { pipelines, oplock, now, onOutcome }: RegionOptions): Promise<readonly Region[]> => {
  let clock = 0;
  const tables = await Promise.all(Array.from({ length: count }, () => freshTable(engine)));
  const inboxes: { readonly from: number; readonly key: string; readonly item: Item; readonly at: number }[][] = tables.map(() => []);

  return tables.map((table, here): Region => {
    const { client } = engine;
    const known = new Map<string, Item>();
    const writtenAt = new Map<string, number>();
    const stream: TableChange[] = [];
    const show = (key: string, item: Item): void => {
      const before = known.get(key);
      stream.push({ keys: { pk: item['pk'], sk: item['sk'] }, newImage: item, timestamp: now, ...(before && { oldImage: before }) });
      known.set(key, item);
    };
    /** Sees each write of this region as it is made: its time is what decides between regions. */
    const watched = new Proxy(client, {
      get: (target, name) => (name !== 'send' ? Reflect.get(target, name) : async (...[command, options]: Parameters<DynamoDBDocumentClient['send']>) => {
        const answer = await target.send(command, options);
        const { Key, Item: put } = command.input as { Key?: Item; Item?: Item };
        const key = String((Key ?? put)?.['pk']);
        if (command.constructor.name === 'GetCommand') return answer;
        clock += 1;
        const item = (await items()).find(({ pk }) => pk === key);
        if (!item) throw new Error('a write that left nothing');
        writtenAt.set(key, clock);
        show(key, item);
        inboxes.forEach((inbox, there) => { if (there !== here) inbox.push({ from: here, key, item, at: clock }); });
        return answer;
      }),
    });
    const items = async (): Promise<Item[]> => (await engine.scan(table)).map((item) => fromAttributeMap(item));
    const common = { client: watched, tableName: table, logger: silent, now: () => now, concurrency: 1, ...(oplock && { oplock }) };
    const listener = createHandler({ ...common, source: fromKinesis, pipelines, onSettled: ({ outcome }) => onOutcome?.(outcome, 'listen') });
    const mender = createHandler({
      ...common, source: fromDynamodb, sourceOptions: { ignoreReplicas: false }, onSettled: ({ outcome }) => onOutcome?.(outcome, 'reassert'),
      pipelines: initializeFrom([{ id: 'mend', flavor: reassert }]),
    });
    return {
      table,
      items,
      listen: async (events) => { await listener(toKinesisRecords(events)); },
      replicate: async () => {
        const next = inboxes[here]?.shift();
        if (!next) return false;
        if (next.at > (writtenAt.get(next.key) ?? 0)) {
          await client.send(new PutCommand({ TableName: table, Item: next.item }));
          writtenAt.set(next.key, next.at);
          show(next.key, next.item);
        }
        return true;
      },
      watch: async (records, keep = false) => {
        const batch = keep ? stream.slice(0, records) : stream.splice(0, records);
        if (batch.length > 0) await mender(toDynamodbRecords(batch));
        return batch.length > 0;
      },
    };
  });
};

/** Until nothing is under way any more; with `mend`, what the streams show is looked at. */
export const settle = async (regions: readonly Region[], mend: boolean): Promise<void> => {
  for (let rounds = 0, busy = true; busy; rounds += 1) {
    if (rounds > 1000) throw new Error('it never ends');
    busy = false;
    for (const region of regions) {
      while (await region.replicate()) busy = true;
      while (mend && await region.watch(3)) busy = true;
    }
  }
};
