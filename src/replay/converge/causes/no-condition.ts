import { differingAttributes, writesTo } from '../facts';
import { code } from '../words';
import { explanation, type Cause } from './cause';

/** The last to arrive wins, not the newest. */
export const noCondition: Cause = (facts) => {
  for (const { item, earlier, later } of facts.pairs) {
    const unguarded = [earlier, later].filter((record) => writesTo(record, item).some(({ conditional }) => !conditional));
    const [first] = unguarded;
    if (!first) continue;
    const who = unguarded.length === 2 ? `${earlier.name} and ${later.name} write` : `${first.name} writes`;
    return explanation('no-condition', `${who} ${code(item)} without a condition: whoever comes last stays, not who is newest. Use a structured write (\`toWrite\`), or add \`timestampCondition()\` to the request.`, { records: [earlier, later], items: [item], attributes: differingAttributes(facts, item) });
  }
  return undefined;
};
