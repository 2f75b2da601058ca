import { differingAttributes } from '../facts';
import { code } from '../words';
import { explanation, type Cause } from './cause';

/** What a condition on the stored item says depends on who was there before. */
export const ownCondition: Cause = (facts) => {
  for (const { item, conflict } of facts.pairs) {
    if (!conflict) continue;
    const { record, other, cameFirst, reason } = conflict;
    const text = `${record.name} that comes ${cameFirst ? 'before' : 'after'} ${other.name} is refused, and not by an oplock (${code(item)}: ${reason}). `
      + 'What such a condition says depends on what came before. Let the oplock alone decide, and the mapping, from the event.';
    return explanation('own-condition', text, { records: [record, other], items: [item], attributes: differingAttributes(facts, item) });
  }
  return undefined;
};
