import { seededRandom } from '../../../src/replay/fixture/random';
import { batchingOf } from '../../../src/sinks/dynamodb/batch/batching';
import { cpuShare, type Settings } from '../settings';
import { createTally, type Tally } from './attempt';
import { latencyOf } from './latency';
import { sendAll, type Sender } from './requests';
import type { Table } from './table';
import type { Traffic } from './traffic';
import { planBatch } from './write';

export interface Served {
  readonly ms: number;
  readonly tally: Tally;
}

/** Handles `count` of the records, from the place `first`. */
export type Serve = (records: Int32Array, first: number, count: number) => Served;

/** One instance of the function, for one lane of the stream; `number` tells its luck from that of the others. */
export const createFunction = (settings: Settings, traffic: Traffic, table: Table, number: number): Serve => {
  const { strategy, batchSize, concurrency } = settings;
  const latency = latencyOf(settings, seededRandom(settings.seed + 0x9e3779b9 + number));
  const sender: Sender = { table, batching: batchingOf({ strategy, batchSize }, concurrency), latency };
  const eventMs = settings.eventCpu / 1000 / cpuShare(settings);
  return (records, first, count) => {
    const tally = createTally();
    const writes = planBatch(traffic, records, first, count, settings);
    const ms = settings.invokeMs + count * eventMs + sendAll(writes, settings, sender, tally);
    return { ms, tally };
  };
};
