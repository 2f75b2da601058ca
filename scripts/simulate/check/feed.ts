import type { KinesisStreamEvent } from 'aws-lambda';
import { toKinesisRecords, type Event } from 'oplock-stream';
import type { Table } from '../model/table';
import type { Traffic } from '../model/traffic';
import type { Settings } from '../settings';

/** An event of the traffic, as a real one. */
export interface FedEvent extends Event {
  readonly key: number;
  readonly attribute: string;
}

/** Any time that is long ago. */
const START = Date.UTC(2024, 0, 1);

/** The traffic as invocations of a real handler, and what its table holds of their items at the beginning. */
export interface Feed {
  readonly setup: readonly KinesisStreamEvent[];
  readonly batches: readonly KinesisStreamEvent[];
}

const SETUP_BATCH = 1000;

const inBatches = <T>(all: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_none, i) => all.slice(i * size, (i + 1) * size));

/** Times become whole numbers that have the same order. */
export const feedOf = ({ at, key, timestamp, creates }: Traffic, table: Table, { batch, named }: Pick<Settings, 'batch' | 'named'>): Feed => {
  const used = new Set(key);
  const stored = [...table.entries()].filter(([own, oplock]) => used.has(own) && !Number.isNaN(oplock));
  const times = [...new Set([...stored.map(([, oplock]) => oplock), ...timestamp])].sort((a, b) => a - b);
  const rank = new Map(times.map((time, i) => [time, START + i]));
  const eventOf = (type: string, own: number, time: number): FedEvent => {
    const timestamp = rank.get(time) as number;
    return { id: `${own}-${timestamp}`, type, timestamp, key: own, attribute: `a${timestamp}`, partitionKey: String(own) };
  };
  const events = at.map((_at, i) => eventOf(creates[i] && named === 'yes' ? 'thing-created' : 'thing-updated', key[i] as number, timestamp[i] as number));
  const setup = stored.map(([own, oplock]) => eventOf('thing-updated', own, oplock));
  return { setup: inBatches(setup, SETUP_BATCH).map((all) => toKinesisRecords(all)), batches: inBatches(events, batch).map((all) => toKinesisRecords(all)) };
};
