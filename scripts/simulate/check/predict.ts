import { addTally, createTally, type Tally } from '../model/attempt';
import { createFunction } from '../model/function';
import type { Table } from '../model/table';
import type { Traffic } from '../model/traffic';
import type { Settings } from '../settings';

export interface Predicted {
  readonly ms: number;
  readonly cpuMs: number;
  readonly tally: Tally;
}

/** What the model says of the same: one function, all records waiting, batch after batch. Items are below 1 KB. */
export const predict = (settings: Settings, traffic: Traffic, table: Table): Predicted => {
  const serve = createFunction(settings, traffic, table, 0);
  const records = Int32Array.from(traffic.at, (_at, i) => i);
  const tally = createTally();
  let ms = 0;
  for (let first = 0; first < records.length; first += settings.batch) {
    const served = serve(records, first, Math.min(settings.batch, records.length - first));
    addTally(tally, served.tally);
    ms += served.ms;
  }
  const { eventCpu, requestCpu, writeCpu } = settings;
  return { ms, cpuMs: (records.length * eventCpu + tally.requests * requestCpu + tally.units * writeCpu) / 1000, tally };
};
