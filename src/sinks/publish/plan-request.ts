import type { Letter } from './parcel';

/** What one request of the publisher takes. */
export interface Limits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/** Letters for the next request; when there is none, the time at which one may be sent, if that is known. */
export interface RequestPlan {
  readonly letters: readonly Letter[];
  readonly wakeAt: number | undefined;
}

/**
 * Chooses what the next request holds. `heads` has the first letter of each key, and no second one: of two events of
 * one key in a request, the first could fail and the second be stored. Earlier events go first; one that does not
 * fit any more is left for the next request, which it then leads.
 */
export const planRequest = (heads: Iterable<Letter>, limits: Limits, now: number): RequestPlan => {
  const ready: Letter[] = [];
  let wakeAt: number | undefined;
  for (const letter of heads) {
    if (letter.notBefore > now) wakeAt = Math.min(wakeAt ?? Infinity, letter.notBefore);
    else ready.push(letter);
  }
  ready.sort((a, b) => a.parcel.index - b.parcel.index);

  const letters: Letter[] = [];
  let bytes = 0;
  let room = limits.maxEvents;
  for (const letter of ready) {
    if (letters.length >= room) break;
    if (letters.length > 0 && (bytes + letter.bytes > limits.maxBytes || letters.length >= letter.company)) continue;
    letters.push(letter);
    bytes += letter.bytes;
    room = Math.min(room, letter.company);
  }
  return { letters, wakeAt };
};
