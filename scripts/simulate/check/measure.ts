import { createHandler, fromKinesis, initializeFrom, materialize, type OutcomeKind } from 'oplock-stream';
import type { Table } from '../model/table';
import type { Traffic } from '../model/traffic';
import type { Settings } from '../settings';
import { countedEngine, type CountedEngine } from './counted-engine';
import { feedOf, type FedEvent } from './feed';

/** What the real handler did with the records of a stream, batch after batch. */
export interface Measured {
  readonly ms: number;
  readonly cpuMs: number;
  readonly requests: number;
  readonly units: number;
  readonly outcomes: Partial<Record<OutcomeKind, number>>;
}

type Chosen = Pick<Settings, 'strategy' | 'fold' | 'events' | 'concurrency' | 'batchSize'>;

const handlerOf = ({ client, table }: CountedEngine, { strategy, fold, events, concurrency, batchSize }: Chosen, onOutcome: (kind: OutcomeKind) => void) =>
  createHandler({
    source: fromKinesis,
    client,
    tableName: table,
    strategy,
    batchSize,
    concurrency,
    fold: fold === 'yes',
    onSettled: ({ outcome }) => onOutcome(outcome.kind),
    pipelines: initializeFrom([{
      id: 'thing',
      flavor: materialize<FedEvent>,
      eventType: /^thing-/,
      toWrite: ({ event: { id, key, attribute } }) => ({ key: { pk: `thing-${key}`, sk: 'thing' }, set: events === 'full' ? { name: id, price: 12, tags: ['a', 'b'] } : { [attribute]: id } }),
    }]),
  });

const AFTER = { getRemainingTimeInMillis: () => 600_000 } as never;

/** Feeds the real handler with the traffic as if it all waited in one lane. `latency`: ms of a request with so many writes. */
export const measure = async (settings: Settings & Chosen, traffic: Traffic, table: Table, latency: (writes: number) => number): Promise<Measured> => {
  let isReady = false;
  const engine = await countedEngine((writes) => (isReady ? latency(writes) : 0));
  const { setup, batches } = feedOf(traffic, table, settings);
  const outcomes: Partial<Record<OutcomeKind, number>> = {};
  // Of another handler, so that this one has seen nothing yet.
  const fill = handlerOf(engine, { ...settings, strategy: 'batch', concurrency: 4, batchSize: 25 }, () => {});
  for (const event of setup) await fill(event, AFTER);
  const handler = handlerOf(engine, settings, (kind) => { outcomes[kind] = (outcomes[kind] ?? 0) + 1; });
  const counted = engine.count();
  isReady = true;
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  for (const event of batches) await handler(event, AFTER);
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  await engine.stop();
  return { ms, cpuMs: (user + system) / 1000, requests: counted.requests, units: counted.units, outcomes };
};
