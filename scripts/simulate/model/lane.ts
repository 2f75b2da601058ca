import { seededRandom } from '../../../src/replay/fixture/random';
import { pollOf, type Settings } from '../settings';
import { laneOf } from './routes';
import type { Traffic } from './traffic';

/** The records of a part of a shard, which are handled one batch after the other. */
export interface Lane {
  readonly records: Int32Array;
  /** How many of them have been handed to the function. */
  readonly taken: () => number;
  /** When the next batch can go, if the function is free from `time` on. Infinity: there is nothing left. */
  readonly readyAt: (time: number) => number;
  /** Takes the next batch; gives its first place and its length. */
  readonly take: (time: number) => { readonly first: number; readonly count: number };
  /** How long the oldest record that is there has been waiting; 0: none is. */
  readonly oldest: (time: number) => number;
}

/** An invocation's payload, of which base64 makes a record a third larger. */
const PAYLOAD_KB = 6 * 1024;

const recordsIn = ({ batch, recordKb, source }: Settings): number =>
  Math.max(1, Math.min(batch, Math.floor(PAYLOAD_KB / (recordKb * (source === 'kinesis' ? 4 / 3 : 1)))));

export const createLane = (records: Int32Array, at: readonly number[], settings: Settings, phase: number): Lane => {
  const most = recordsIn(settings);
  const poll = pollOf(settings) * 1000;
  const window = settings.window * 1000;
  let taken = 0;
  const putAt = (place: number): number => (place < records.length ? at[records[place] as number] as number : Infinity);
  /** A record is seen by the poll that follows. */
  const seenAt = (place: number): number => {
    const put = putAt(place);
    return poll === 0 || put === Infinity ? put : (Math.ceil(put / poll - phase) + phase) * poll;
  };
  return {
    records,
    taken: () => taken,
    readyAt: (time) => Math.max(time, Math.min(seenAt(taken + most - 1), seenAt(taken) + window)),
    take: (time) => {
      const first = taken;
      while (taken - first < most && seenAt(taken) <= time) taken += 1;
      return { first, count: taken - first };
    },
    oldest: (time) => Math.max(0, time - putAt(taken)),
  };
};

/** Shard by shard; each polls at times of its own. */
export const createLanes = (settings: Settings, { at, key }: Traffic): readonly Lane[] => {
  const { shards, factor } = settings;
  const lanes = new Uint16Array(at.length).map((_none, event) => laneOf(key[event] as number, shards, factor));
  const counts = new Uint32Array(shards * factor);
  lanes.forEach((lane) => { counts[lane] = (counts[lane] as number) + 1; });
  const records = Array.from(counts, (count) => new Int32Array(count));
  counts.fill(0);
  lanes.forEach((lane, event) => {
    const place = counts[lane] as number;
    (records[lane] as Int32Array)[place] = event;
    counts[lane] = place + 1;
  });
  const random = seededRandom(settings.seed + 2);
  const phases = Array.from({ length: shards }, random);
  return records.map((own, lane) => createLane(own, at, settings, phases[Math.floor(lane / factor)] as number));
};
