import { durationOf } from './traffic';
import type { Run } from './simulate';

/** Dollars. */
export interface Cost {
  readonly units: number;
  readonly functions: number;
  readonly stream: number;
  readonly total: number;
}

const MONTH_MS = 730 * 3_600_000;

/** If all of a month were as the run: as many times. */
export const monthsOf = (run: Run): number => MONTH_MS / durationOf(run.settings);

/** Of `times` such runs; the stream of a table has no price of its own. */
export const costOf = ({ settings, traffic, tally, invocations, busyMs }: Run, times: number): Cost => {
  const { unitPrice, invocationPrice, gbSecondPrice, memory, source, shards, shardPrice, putPrice, recordKb } = settings;
  const units = times * tally.units * unitPrice / 1e6;
  const functions = times * (invocations * invocationPrice + (busyMs / 1000) * (memory / 1024) * gbSecondPrice) / 1e6;
  const puts = traffic.at.length * Math.ceil(recordKb / 25) * putPrice / 1e6;
  const hours = durationOf(settings) / 3_600_000;
  const stream = source === 'kinesis' ? times * (puts + shards * hours * shardPrice) : 0;
  return { units, functions, stream, total: units + functions + stream };
};
