import { differingAttributes, writesTo, type RecordFacts } from '../facts';
import { code, list } from '../words';
import { explanation, type Cause } from './cause';

const attributesOf = (record: RecordFacts, item: string): readonly string[] => writesTo(record, item).flatMap(({ sets }) => sets);

/** H3: the oplock drops the older event as a whole, also what the newer one says nothing about. */
export const partialUpdates: Cause = (facts) => {
  for (const { item, earlier, later, refused } of facts.pairs) {
    const [older, newer] = refused.earlierAfterLater ? [earlier, later] : [later, earlier];
    if (refused.earlierAfterLater === refused.laterAfterEarlier || writesTo(newer, item).some(({ kind }) => kind !== 'update')) continue;
    const said = attributesOf(newer, item);
    const lost = attributesOf(older, item).filter((name) => !said.includes(name) && differingAttributes(facts, item).includes(name));
    if (lost.length === 0) continue;
    const text = `${older.name} and ${newer.name} write different attributes of ${code(item)} under one oplock: if ${newer.name} comes first, ${list(lost.map(code))} of ${older.name} is lost. `
      + 'Put them in `groups`, give each kind of event an item of its own, or let every event carry the whole of what its mapping is about.';
    return explanation('partial-updates', text, { records: [older, newer], items: [item], attributes: lost });
  }
  return undefined;
};
