import type { Companion, Refusal } from '../attempt/attempt';
import type { Requirement } from '../attempt/requirement';
import type { Mismatch, Standing } from '../attempt/standing';
import type { Write } from '../write';

/** A part of the item to which events are admitted by itself: a group, or the rest. */
export interface Slot {
  readonly name: string;
  /** What these events write here together: at least one, in the order of their oplocks, no two with the same. */
  effect(shares: readonly Share[]): Effect;
  /** How what is stored here stands to an event. */
  standing(refusal: Refusal, write: Write): Standing | Mismatch;
}

/** What one event has to say about one slot. */
export interface Share {
  readonly slot: Slot;
  readonly write: Write;
  readonly set: Readonly<Record<string, unknown>>;
  readonly remove: readonly string[];
}

export interface Effect {
  readonly requires: Requirement;
  readonly set: Readonly<Record<string, unknown>>;
  readonly remove: readonly string[];
  readonly companions?: readonly Companion[];
}
