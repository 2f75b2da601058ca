import { furthestBehind, type Outcome, type OutcomeKind } from '../outcome';
import type { Settled } from '../settled';
import type { Metrics } from './metrics';

/** Stands for "no pipeline" in the dimension `pipeline`: CloudWatch refuses an empty value. */
export const NO_PIPELINE = '-';

/**
 * Records how one event ended, under the dimension `pipeline`, once for each of its parts:
 * - `oplock.<kind>`, Count: `oplock.applied`, `oplock.stale`, …
 * - `oplock.lag`, Milliseconds: from the event's timestamp to `now`, for `applied`, `narrowed`, `superseded` and `published`. Negative when
 *   the producer's clock is ahead of this one.
 * - `oplock.lateness`, Milliseconds: how far behind the stored oplock, for `stale` and `tombstoned`, and for the
 *   group of a `narrowed` that is furthest behind; absent when the oplock is not a time
 *
 * An event without parts (not decoded, or no pipeline wanted it) is counted once, under {@link NO_PIPELINE}, so
 * that none goes uncounted. `now`: epoch milliseconds.
 */
export const recordSettled = (metrics: Metrics, settled: Settled, now: number): void => {
  const parts = settled.parts.length > 0 ? settled.parts : [{ pipeline: '', outcome: settled.outcome }];
  for (const { pipeline, outcome } of parts) {
    const dimensions = { pipeline: pipeline || NO_PIPELINE };
    metrics.add(`oplock.${outcome.kind}`, 'Count', 1, dimensions);
    const lateness = latenessOf(outcome);
    if (lateness !== undefined) metrics.add('oplock.lateness', 'Milliseconds', lateness, dimensions);
    if (WENT_ON.has(outcome.kind) && settled.event) {
      metrics.add('oplock.lag', 'Milliseconds', now - settled.event.timestamp, dimensions);
    }
  }
};

const WENT_ON: ReadonlySet<OutcomeKind> = new Set<OutcomeKind>(['applied', 'narrowed', 'superseded', 'published']);

const latenessOf = (outcome: Outcome): number | undefined => {
  if (outcome.kind === 'stale' || outcome.kind === 'tombstoned') return outcome.behindMs;
  return outcome.kind === 'narrowed' ? furthestBehind(Object.values(outcome.dropped)) : undefined;
};
