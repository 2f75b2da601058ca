import { fromAttributeMap } from '../../../src/attribute-value';
import { createSharedObjects } from '../../../src/locks/shared/objects';
import { createChannel } from '../../../src/locks/shared/channel';
import type { ChannelOptions } from '../../../src/locks/shared/channel-types';
import type { SharedObjects, SharedObjectsOptions } from '../../../src/locks/shared/types';
import type { Logger } from '../../../src/logger';
import { memoryEngine } from '../../../src/replay/engines/memory';
import { freshTable } from '../engines';
import { fakeClock, settle, type FakeClock } from './fake-clock';
import { fatedClient, type Fate, type Sent } from './claim-world';

/** What a node's requests meet, when no test says otherwise: nothing. */
interface NodeOptions extends Omit<Partial<SharedObjectsOptions>, 'client' | 'tableName'> {
  readonly fate?: (command: Sent) => Fate;
  /** Of this node alone; default: the world's. Time of all goes by through the world's. */
  readonly clock?: FakeClock;
}

const silent: Logger = { debug: () => {}, warn: () => {}, error: () => {} };

/** One table, one clock, and as many nodes as a test wants. No randomness: the same run every time. */
export const sharedWorld = async () => {
  const engine = memoryEngine();
  const tableName = await freshTable(engine, { partitionKey: 'key', sortKey: null });
  const clock = fakeClock();
  let ids = 0;
  const newId = (): string => `00000000-0000-4000-8000-${String((ids += 1)).padStart(12, '0')}`;
  let seed = 1;
  /** Even enough for jitter. */
  const random = (): number => { seed = (seed * 48_271) % 2_147_483_647; return seed / 2_147_483_647; };
  const common = (fate?: (command: Sent) => Fate) => ({
    client: fatedClient(engine.client, clock, fate ?? (() => 'ok')), tableName, clock, newId, random, logger: silent,
  });
  return {
    engine, clock, tableName, newId, random,
    node: <V = unknown>({ fate, ...options }: NodeOptions = {}): SharedObjects<V> => createSharedObjects<V>({
      ownerName: newId(), defaults: { leaseMs: 10_000 }, ...common(fate), ...options,
    }),
    channel: <M = unknown>({ fate, ...options }: Partial<ChannelOptions> & { readonly fate?: (command: Sent) => Fate } = {}) => createChannel<M>({ namespace: 'prices', ...common(fate), ...options }),
    row: async (key: string) => (await engine.scan(tableName)).map((item) => fromAttributeMap(item)).find((item) => item['key'] === key),
    stop: () => engine.stop(),
  };
};

export type SharedWorld = Awaited<ReturnType<typeof sharedWorld>>;

/** Lets time go by until it has settled; throws what it throws. */
export const inTime = async <T>(clock: FakeClock, promise: Promise<T>, stepMs = 50, maxMs = 120_000): Promise<T> => {
  let settled = false;
  const mark = () => { settled = true; };
  promise.then(mark, mark);
  await settle();
  for (let passed = 0; !settled && passed < maxMs; passed += stepMs) await clock.advance(stepMs);
  if (!settled) throw new Error(`not settled after ${maxMs} ms`);
  return promise;
};
