interface Entry<R> {
  readonly record: R;
  readonly bytes: number;
  /** When it was read, in ms of the monotonic clock. */
  readonly at: number;
}

/** Lambda's limit of an event. */
const MAX_BYTES = 6 * 1024 * 1024;

export interface BatchBuffer<R> {
  readonly size: number;
  add(record: R, now: number): void;
  /**
   * The next batch, or for how many ms to collect on: a batch is due when it is full (of records or of bytes), or when
   * its first record has waited for the window.
   */
  take(now: number, hurry: boolean): readonly R[] | number;
}

export const createBatchBuffer = <R>(batchSize: number, windowMs: number): BatchBuffer<R> => {
  let entries: Entry<R>[] = [];
  const fitting = (): number => {
    let bytes = 0;
    for (const [at, entry] of entries.entries()) {
      bytes += entry.bytes;
      if (at === batchSize || (bytes > MAX_BYTES && at > 0)) return at;
    }
    return entries.length;
  };
  return {
    get size() { return entries.length; },
    add: (record, now) => { entries.push({ record, bytes: Buffer.byteLength(JSON.stringify(record)), at: now }); },
    take: (now, hurry) => {
      const count = fitting();
      const due = (entries[0]?.at ?? now) + windowMs;
      if (!hurry && count === entries.length && count < batchSize && now < due) return due - now;
      const batch = entries.slice(0, count).map(({ record }) => record);
      entries = entries.slice(count);
      return batch;
    },
  };
};
