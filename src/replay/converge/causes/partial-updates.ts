import { differingAttributes, writesTo, type RecordFacts } from '../facts';
import { code, list } from '../words';
import { explanation, type Cause } from './cause';

const attributesOf = (record: RecordFacts, item: string): readonly string[] => writesTo(record, item).flatMap(({ sets }) => sets);

const CURE = 'Put them in `groups`, give each kind of event an item of its own, or let every event carry the whole of what its mapping is about.';

const CURE_OF_A_PART = 'An event that names one attribute of a group (or of a source with a clock of its own) must name all of them, an absent one as `undefined`; or make two groups of it.';

/** Groups and sources have an oplock each; here, the one that both events share, as it is called by default. */
const stampOfPart = (names: readonly string[]): string | undefined =>
  names.find((name) => name.startsWith('timestamp_') && names.includes(name.replace('timestamp_', 'oplockTie_')));

/** H3: the oplock drops the older event as a whole, also what the newer one says nothing about. */
export const partialUpdates: Cause = (facts) => {
  for (const { item, earlier, later, refused } of facts.pairs) {
    const [older, newer] = refused.earlierAfterLater ? [earlier, later] : [later, earlier];
    if (refused.earlierAfterLater === refused.laterAfterEarlier || writesTo(newer, item).some(({ kind }) => kind !== 'update')) continue;
    const said = attributesOf(newer, item);
    const lost = attributesOf(older, item).filter((name) => !said.includes(name) && differingAttributes(facts, item).includes(name));
    if (lost.length === 0) continue;
    const shared = stampOfPart(attributesOf(older, item).filter((name) => said.includes(name)));
    const text = `${older.name} and ${newer.name} write different attributes of ${code(item)} under one oplock${shared === undefined ? '' : `, ${code(shared)}`}: `
      + `if ${newer.name} comes first, ${list(lost.map(code))} of ${older.name} is lost. ${shared === undefined ? CURE : CURE_OF_A_PART}`;
    return explanation('partial-updates', text, { records: [older, newer], items: [item], attributes: lost });
  }
  return undefined;
};
