import { differingAttributes, writesTo } from '../facts';
import { code, list } from '../words';
import { explanation, type Cause } from './cause';

const cureFor = (attribute: string): string =>
  `Last-writer-wins cannot count. Let a structured write \`add\` to it, and declare \`reduce: { ${/^[A-Za-z_]\w*$/.test(attribute) ? attribute : JSON.stringify(attribute)}: 'dedupeSet' }\` `
  + '(exact, for some 11,000 events in an item) or `\'dedupeItem\'` (exact, with a row for each event); or give each event an item of its own and add them up when reading; or let the events carry the total.';

/** H7: what is computed from the stored value needs every event exactly once; an oplock drops late ones. */
export const counter: Cause = (facts) => {
  for (const item of facts.items) {
    const differing = differingAttributes(facts, item);
    const adders = facts.records.filter((record) => writesTo(record, item).some(({ computes }) => computes.length > 0));
    const [first] = adders;
    if (!first) continue;
    const computed = [...new Set(adders.flatMap((record) => writesTo(record, item)).flatMap(({ computes }) => computes))];
    const attributes = computed.filter((name) => differing.includes(name));
    if (attributes.length === 0) continue;
    const names = list(attributes.map(code));
    const lost = facts.pairs.find((pair) => pair.item === item && pair.refused.earlierAfterLater && adders.includes(pair.earlier));
    const text = lost
      ? `${lost.earlier.name} adds to ${names} of ${code(item)}, under an oplock: if ${lost.later.name} comes first, the oplock drops ${lost.earlier.name} as a whole, and what it adds is lost.`
      : `${first.name} adds to ${names} of ${code(item)}, and nothing there remembers that it did: delivered again, it adds again.`;
    return explanation('counter', `${text} ${cureFor(attributes[0] as string)}`, { records: lost ? [lost.earlier, lost.later] : [first], items: [item], attributes });
  }
  return undefined;
};
