import type { Metrics } from '../../metrics/metrics';
import type { LockEvent, OnLockEvent } from './events';

type Dimensions = Readonly<Record<string, string>>;

export interface LockMetricsOptions {
  /**
   * Of all metrics of an event: always the same, or made of the event. Each set of values is a metric of its own, which CloudWatch
   * bills: take the kind of a lock, not its key, where keys are many. Default: none.
   */
  readonly dimensions?: Dimensions | ((event: LockEvent) => Dimensions);
}

/**
 * A listener that makes metrics of what happens to locks: `createLockClient({ onEvent: lockMetrics(metrics) })`. Whoever has made the
 * metrics flushes them: at the end of an invocation, or every minute.
 *
 * - `lock.acquired`, `lock.refused`, `lock.failed`, Count: how acquisitions ended; `lock.takeover`: those of a lock that was not released
 * - `lock.wait`, Milliseconds: until a lock was acquired
 * - `lock.renewal`, Milliseconds: a renewal, from the request to its answer; `lock.renewal.left`: so long later the lock would have
 *   been lost; `lock.renewal.failed`, Count
 * - `lock.released`, `lock.lost`, `lock.lost.<reason>`, `lock.release.failed`, Count: how locks ended
 * - `lock.held`, Milliseconds: until they ended
 */
export const lockMetrics = (metrics: Pick<Metrics, 'add'>, { dimensions = {} }: LockMetricsOptions = {}): OnLockEvent => (event) => {
  const own = typeof dimensions === 'function' ? dimensions(event) : dimensions;
  const count = (name: string): void => metrics.add(`lock.${name}`, 'Count', 1, own);
  const time = (name: string, ms: number): void => metrics.add(`lock.${name}`, 'Milliseconds', ms, own);
  switch (event.kind) {
    case 'acquired':
      count('acquired');
      time('wait', event.waitedMs);
      if (event.tookOver) count('takeover');
      return;
    case 'refused':
    case 'failed':
      return count(event.kind);
    case 'renewed':
      time('renewal', event.tookMs);
      return time('renewal.left', event.leftMs);
    case 'renewal-failed':
      return count('renewal.failed');
    case 'lost':
      count('lost');
      count(`lost.${event.reason}`);
      return time('held', event.heldMs);
    case 'released':
      count('released');
      return time('held', event.heldMs);
    case 'release-failed':
      count('release.failed');
      return time('held', event.heldMs);
  }
};
