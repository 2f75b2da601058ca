import type { Attempt, Item, Refused } from '../attempt/attempt';
import type { Requirement } from '../attempt/requirement';

/** A rule for the item as a whole, beside what each event requires of its own part. */
export interface Guard {
  readonly requirement: Requirement;
  /** What every write stores, so that the rule can be seen to have been kept. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** What a refusal means to the rule, given the item that was there. `undefined`: nothing, the attempt itself knows. */
  readonly judge: (item: Item, attempt: Attempt) => Attempt | Refused | undefined;
}

/** The attempt, and whatever it tries next, under a rule that looks at each refusal first. */
export const guarded = (attempt: Attempt, guard: Guard): Attempt => ({
  ...attempt,
  set: attempt.how === 'delete' ? attempt.set : { ...attempt.set, ...guard.set },
  requires: [...attempt.requires, guard.requirement],
  afterRefusal: (refusal) => {
    const judged = refusal.item && guard.judge(refusal.item, attempt);
    if (judged) return judged;
    const next = attempt.afterRefusal(refusal);
    return next.kind === 'attempt' ? guarded(next, guard) : next;
  },
});

/** All events of the attempt end in the same. */
export const refuseAll = ({ results }: Attempt, result: Refused['results'][number]): Refused => ({ kind: 'refused', results: results.map(() => result) });
