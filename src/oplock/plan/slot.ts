import type { Attempt, Companion, Item } from '../attempt/attempt';
import type { Requirement } from '../attempt/requirement';
import type { Mismatch, Standing } from '../attempt/standing';
import type { Write } from '../write';

/** A part of the item to which events are admitted by itself: a group, the rest, or a counter. */
export interface Slot {
  readonly name: string;
  /** What these events write here together: at least one, in the order of their oplocks, no two with the same. */
  effect(shares: readonly Share[]): Effect;
  /** How what is stored here stands to an event. */
  standing(told: Told, write: Write): Standing | Mismatch;
}

/** What a refusal tells. */
export interface Told {
  /** `undefined`: no item. */
  readonly item: Item | undefined;
  /** Was it the condition of this companion that failed? */
  readonly refused: (companion: Companion) => boolean;
}

/** What one event has to say about one slot. */
export interface Share {
  readonly slot: Slot;
  readonly write: Write;
  readonly set: Readonly<Record<string, unknown>>;
  readonly remove: readonly string[];
}

export interface Effect {
  /** Absent: whatever is stored. */
  readonly requires?: Requirement;
  readonly set: Readonly<Record<string, unknown>>;
  readonly remove: readonly string[];
  readonly add?: Attempt['add'];
  /** Of several slots, the same one counts once. */
  readonly companions?: readonly Companion[];
}
