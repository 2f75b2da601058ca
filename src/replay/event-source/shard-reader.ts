import { hashText } from '../../hash';
import { createLane, type Lane } from './lane';
import type { Run } from './run';
import type { ReadFrom, Shard } from './stream-source';
import { backOffMs, createBell } from './wait';

/** Iterators end after five minutes. */
const RENEW_AFTER_MS = 4 * 60_000;

export interface ShardReader {
  /** Resolves when the shard is closed and all of it settled, or the mapping is stopped. */
  readonly done: Promise<void>;
  /** Read to the tip by a read that began after `since` (ms of the monotonic clock), and nothing is waiting. */
  drained(since: number): boolean;
  /** What a read failed with, until one succeeds. */
  lastError(): unknown;
}

export interface ReaderStart {
  readonly from: ReadFrom;
  /** Taken already, to begin at the LATEST of a moment. */
  readonly iterator?: string;
  /** Nobody writes to the shard any more. */
  readonly isClosed: () => boolean;
}

/** Reads one shard into its lanes. */
export const startShardReader = <R>(run: Run<R>, shard: Shard, start: ReaderStart): ShardReader => {
  const { settings, signal } = run;
  const { source } = settings;
  const lanes = Array.from({ length: settings.lanes }, () => createLane(run, shard.id));
  const pause = createBell();
  let from = start.from;
  let iterator = start.iterator;
  let takenAt = performance.now();
  let emptyReadAt = -Infinity;
  let lastError: unknown;
  let ended = false;

  const step = async (): Promise<'ended' | 'something' | 'nothing'> => {
    if (iterator === undefined) {
      takenAt = performance.now();
      iterator = await source.iterator(shard.id, from, signal);
      if (iterator === undefined) return 'ended';
    }
    const startedAt = performance.now();
    const page = await source.read(shard.id, iterator, signal);
    lastError = undefined;
    dispatch(run, lanes, page.records);
    const last = page.records.at(-1);
    if (last !== undefined) from = { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: source.facts(last).sequenceNumber };
    const empty = page.records.length === 0;
    if (empty && page.atTip) emptyReadAt = startedAt;
    if (page.next === undefined) return 'ended';
    // kinesalite's next iterator skips a first record that is being written at this moment: until there was one, stay.
    const stay = empty && page.atTip && from.type !== 'AFTER_SEQUENCE_NUMBER' && !start.isClosed() && startedAt - takenAt < RENEW_AFTER_MS;
    if (!stay) {
      iterator = page.next;
      takenAt = startedAt;
    }
    return empty && page.atTip ? 'nothing' : 'something';
  };

  const read = async (): Promise<void> => {
    let failures = 0;
    while (!signal.aborted) {
      const full = lanes.find((lane) => lane.full());
      if (full) {
        await full.room();
        continue;
      }
      try {
        const found = await step();
        failures = 0;
        if (found === 'ended') break;
        if (found === 'nothing') await pause.wait(signal, settings.pollIntervalMs);
      } catch (error) {
        if (signal.aborted) break;
        const name = (error as { readonly name?: unknown } | undefined)?.name;
        // A new LATEST would pass over what was written since.
        if (from.type !== 'LATEST' || name === 'ExpiredIteratorException') iterator = undefined;
        if (name === 'TrimmedDataAccessException') from = { type: 'TRIM_HORIZON' };
        failures += 1;
        // Expected after a long wait; one that comes again and again is news.
        if (name === 'ExpiredIteratorException' && failures === 1) continue;
        lastError = error;
        settings.onError(error, { phase: 'read', shardId: shard.id });
        await pause.wait(signal, backOffMs(failures));
      }
    }
    await Promise.all(lanes.map((lane) => lane.close()));
    ended = true;
    run.onActivity();
  };

  return {
    done: read(),
    drained: (since) => (ended || emptyReadAt >= since) && lanes.every((lane) => lane.idle()),
    lastError: () => lastError,
  };
};

const dispatch = <R>({ settings, counts, onActivity }: Run<R>, lanes: readonly Lane<R>[], records: readonly R[]): void => {
  const { source, wanted, notBefore } = settings;
  if (records.length > 0) onActivity();
  for (const record of records) {
    const { key, time } = source.facts(record);
    if (time < notBefore) continue;
    counts.read += 1;
    if (wanted(source.filterable(record))) lanes[hashText(key) % lanes.length]?.add(record);
    else counts.filtered += 1;
  }
};
