/** What an event ended in. Every event ends in exactly one. */
export type Outcome =
  /** The table took it. */
  | { readonly kind: 'applied' }
  /** The table took the groups of the write that were newer. `dropped`: the others, by name; `rest` is what is in no group. */
  | { readonly kind: 'narrowed'; readonly dropped: Readonly<Record<string, DroppedGroup>>; readonly inferred?: true }
  /**
   * Written together with a newer event of the same batch and item, `by` (its id): what this event says is in the
   * table, or has been replaced there by something newer.
   */
  | { readonly kind: 'superseded'; readonly by: string }
  /** Handed on: all events that were made of it are stored in the stream (or on the bus) for good, or its effect was had (`claimed`). */
  | { readonly kind: 'published' }
  /** The very same event was there already: a second delivery, or our own write seen after a lost response; or its effect was had before (`claimed`). */
  | { readonly kind: 'duplicate'; readonly inferred?: true }
  /** The item says it already, so nothing was written, and it keeps the oplock of the event that said it first (`oplock.skipUnchanged`). */
  | { readonly kind: 'unchanged'; readonly inferred?: true }
  /**
   * The stored oplock is newer, by `behindMs` (absent when the oplock is not a time). Or the item is of a newer epoch,
   * `epoch`, whatever the times say: this writer's mapping is not the one that the table is kept by any more.
   */
  | { readonly kind: 'stale'; readonly behindMs?: number; readonly epoch?: number; readonly inferred?: true }
  /** Blocked by a newer delete. */
  | { readonly kind: 'tombstoned'; readonly behindMs?: number; readonly inferred?: true }
  /** Not the oplock refused the write: a condition of the caller's own did, or it found an item without one (`onUnversioned`). */
  | { readonly kind: 'conflict'; readonly reason: string; readonly inferred?: true }
  /** No pipeline wanted it. */
  | { readonly kind: 'filtered'; readonly reason?: string }
  /** Retrying cannot cure it: set aside as a fault event. */
  | { readonly kind: 'fault'; readonly error: unknown }
  /** Its time is `aheadMs` ahead of this function's clock, beyond `oplock.maxFutureSkew`: not written, and set aside as a fault event. */
  | { readonly kind: 'future'; readonly aheadMs: number; readonly error: unknown }
  /** Reported back to Lambda, which will deliver it again. */
  | { readonly kind: 'retry'; readonly reason: RetryReason; readonly error?: unknown };

/** Why a group of a write was left out: what is stored is newer, by `behindMs`; or it is this very event. */
export interface DroppedGroup {
  readonly kind: 'stale' | 'duplicate';
  /** Absent when the oplock is not a time, and for `duplicate`. */
  readonly behindMs?: number;
}

export type OutcomeKind = Outcome['kind'];

/**
 * - `transient`: the table (or the stream that is published to, or another service) could not answer within the retry budget
 * - `configuration`: the table is missing or access is denied: nothing about the event is wrong, so it is not set aside
 * - `held`: an earlier event of the same key is to be retried, so this one waits for it; or another node has the claim to its effect
 * - `deadline`: the invocation's time ran out before its turn came
 * - `unpublished`: a fault (or an event from the future) that could not be published
 * - `redelivered`: one behind the checkpoint: it comes back with the retry and is judged then
 */
export type RetryReason = 'transient' | 'configuration' | 'held' | 'deadline' | 'unpublished' | 'redelivered';

export const OUTCOME_KINDS = [
  'applied', 'narrowed', 'superseded', 'published', 'unchanged', 'duplicate', 'stale', 'tombstoned', 'conflict', 'filtered', 'future', 'fault', 'retry',
] as const satisfies readonly OutcomeKind[];

/**
 * An event may go through several pipelines, or be split into parts. Its own outcome is the first of these that
 * any of them ended in: whatever needs attention first, then whatever changed the table or went on, then why nothing did.
 */
const PRECEDENCE: readonly OutcomeKind[] = [
  'retry', 'fault', 'future', 'conflict', 'narrowed', 'applied', 'superseded', 'published', 'tombstoned', 'stale', 'duplicate', 'unchanged', 'filtered',
];

/** Not to be handled now: its record goes to `publishFault`. */
export type SetAside = Extract<Outcome, { readonly kind: 'fault' | 'future' }>;

export const isSetAside = (outcome: Outcome | undefined): outcome is SetAside =>
  outcome?.kind === 'fault' || outcome?.kind === 'future';

/** The outcome of the whole event from the outcomes of its parts; `filtered` when there are none. */
export const combineOutcomes = (outcomes: readonly Outcome[]): Outcome => {
  let [best] = outcomes;
  for (const outcome of outcomes) {
    if (outcome === best) continue;
    if (!best || PRECEDENCE.indexOf(outcome.kind) < PRECEDENCE.indexOf(best.kind)) best = outcome;
  }
  return best ?? { kind: 'filtered', reason: 'no pipeline matched' };
};

/** By how many ms the one that is furthest behind is; `undefined` when none of them tells. */
export const furthestBehind = (all: readonly { readonly behindMs?: number }[]): number | undefined => {
  const behind = all.flatMap(({ behindMs }) => behindMs ?? []);
  return behind.length > 0 ? Math.max(...behind) : undefined;
};
