/**
 * An UPDATE needs an item that is there, an INSERT one that is not; an UpdateItem (`single`) takes either, and says
 * what is wrong with what PartiQL does not take.
 */
export type Phase = 'update' | 'insert' | 'single';

/** More changes than two need somebody else's delete or create in between: then the atomic request decides. */
const MAX_CHANGES = 3;

/**
 * How to go on after an answer that settles nothing. Each step that changes the item is one in which the conditional
 * UpdateItem would have succeeded, with the same effect; so it is as if that had been sent, at the last step.
 */
export const nextPhase = (answer: 'missing' | 'exists' | 'invalid', changes: number): Phase => {
  if (answer === 'invalid' || changes >= MAX_CHANGES) return 'single';
  return answer === 'missing' ? 'insert' : 'update';
};
