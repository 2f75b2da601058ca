import { createBatchBuffer } from './batch-buffer';
import { deliver } from './deliver-batch';
import type { Run } from './run';
import { createBell } from './wait';

/** One of the orders of a shard: a batch of it must be settled before the next begins. */
export interface Lane<R> {
  add(record: R): void;
  /** Reading on would only fill the memory. */
  full(): boolean;
  idle(): boolean;
  /** Resolves when there is room again. */
  room(): Promise<void>;
  /** Nothing will be added. Resolves when all is settled, or the mapping is stopped. */
  close(): Promise<void>;
}

export const createLane = <R>(run: Run<R>, shardId: string): Lane<R> => {
  const { settings, signal } = run;
  const buffer = createBatchBuffer<R>(settings.batchSize, settings.windowMs);
  const [news, room] = [createBell(), createBell()];
  const capacity = 2 * settings.batchSize;
  let closed = false;
  let busy = false;

  const work = async (): Promise<void> => {
    while (!signal.aborted && !(closed && buffer.size === 0)) {
      const batch = buffer.size > 0 ? buffer.take(performance.now(), closed) : undefined;
      if (batch === undefined || typeof batch === 'number') {
        await news.wait(signal, batch);
        continue;
      }
      busy = true;
      room.ring();
      await deliver(run, shardId, batch);
      busy = false;
    }
  };
  const worker = work();

  return {
    add: (record) => {
      buffer.add(record, performance.now());
      news.ring();
    },
    full: () => buffer.size >= capacity,
    idle: () => !busy && buffer.size === 0,
    room: () => room.wait(signal),
    close: () => {
      closed = true;
      news.ring();
      return worker;
    },
  };
};
