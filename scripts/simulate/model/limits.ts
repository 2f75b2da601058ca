import { unitsOf, type Settings } from '../settings';
import { shardOf } from './routes';
import type { Run } from './simulate';
import { durationOf, type Traffic } from './traffic';


const RECORDS_PER_SHARD = 1000;
const KB_PER_SHARD = 1024;
const UNITS_PER_ITEM = 1000;
const UNITS_PER_TABLE = 40_000;
const FUNCTIONS = 1000;
const RETENTION_MS = 24 * 3_600_000;

/** The most that came in ten seconds, or in a shorter run, per second. */
const busiest = (settings: Settings, at: readonly number[], of: (event: number) => number, places: number): number => {
  const span = Math.min(10_000, durationOf(settings));
  const counts = new Map<number, number>();
  let most = 0;
  for (let event = 0; event < at.length; event += 1) {
    const slot = Math.floor(at[event] as number / span) * places + of(event);
    const count = (counts.get(slot) ?? 0) + 1;
    counts.set(slot, count);
    if (count > most) most = count;
  }
  return most / (span / 1000);
};

/** The stream takes less than is to be put into it. */
export const shardLimit = (settings: Settings, { at, key }: Traffic): string | undefined => {
  const { source, shards, recordKb } = settings;
  if (source !== 'kinesis') return undefined;
  const rate = busiest(settings, at, (event) => shardOf(key[event] as number, shards), shards);
  const most = Math.min(RECORDS_PER_SHARD, KB_PER_SHARD / recordKb);
  return rate > most ? `a shard of Kinesis takes ${show(most)} of these records per second, and the busiest one gets ${show(rate)}: its producers are throttled; more shards help unless it is one key` : undefined;
};

const itemLimit = (settings: Settings, { at, key, keys }: Traffic): string | undefined => {
  const units = busiest(settings, at, (event) => key[event] as number, keys) * unitsOf(settings);
  return settings.fold === 'no' && units > UNITS_PER_ITEM ? `one item is to take ${show(units)} write units per second, and DynamoDB gives it ${show(UNITS_PER_ITEM)}: fold, or spread it` : undefined;
};

const show = (value: number): string => Math.round(value).toLocaleString('en-US');

/** What AWS refuses or slows down, and the model does not: read the figures beside it with care. */
export const limitsOf = (run: Run): readonly string[] => {
  const { settings, traffic, tally, functions, age } = run;
  const units = tally.units / (durationOf(settings) / 1000);
  return [
    shardLimit(settings, traffic),
    itemLimit(settings, traffic),
    units > UNITS_PER_TABLE ? `${show(units)} write units per second: an on-demand table has a quota of ${show(UNITS_PER_TABLE)} by default` : undefined,
    functions > FUNCTIONS ? `${show(functions)} functions at once: an account has a quota of ${show(FUNCTIONS)} by default` : undefined,
    age.max() > RETENTION_MS ? 'records become older than 24 hours: a stream of a table, and Kinesis by default, lose them' : undefined,
  ].flatMap((text) => text ?? []);
};
