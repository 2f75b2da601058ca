import type { Cause } from './causes/cause';
import { explanation } from './causes/cause';
import { counter } from './causes/counter';
import { noCondition } from './causes/no-condition';
import { ownCondition } from './causes/own-condition';
import { partialUpdates } from './causes/partial-updates';
import { physicalDelete } from './causes/physical-delete';
import { ties } from './causes/ties';
import { differingAttributes, type Facts } from './facts';
import type { Explanation } from './report';
import { code, list } from './words';

/** The surest signs first: a request that deletes or adds is seen; that two oplocks are equal, or one newer, is inferred. */
const CAUSES: readonly Cause[] = [physicalDelete, counter, ties, partialUpdates, noCondition, ownCondition];

/** The likely cause of a failure. Pure. */
export const explain = (facts: Facts): Explanation => {
  for (const cause of CAUSES) {
    const found = cause(facts);
    if (found) return found;
  }
  const attributes = [...new Set(facts.items.flatMap((item) => differingAttributes(facts, item)))];
  const who = facts.records.length === 0 ? 'The events' : list(facts.records.map(({ name }) => name));
  return explanation('unknown', `${who} leave ${list(facts.items.map(code))} in another state when they come in this way, and none of the usual causes is to be seen. Play this history by hand and look at each outcome.`, { records: facts.records, items: facts.items, attributes });
};
