import type { Event } from '../../../event';
import { differingAttributes, type PairFacts } from '../facts';
import { code } from '../words';
import { explanation, type Cause } from './cause';

const timeOf = ({ events }: { readonly events: readonly Event[] }): number => Math.min(...events.map(({ timestamp }) => timestamp));

const CURE = 'Use a structured write (`toWrite`): it decides between equal times by a tie, the id of the event, and stores the tie beside the oplock.';

const firstStays = ({ refused }: PairFacts): boolean => refused.laterAfterEarlier && refused.earlierAfterLater;

/** H1 and H5: whichever comes first refuses the other, so their oplocks are equal. */
export const ties: Cause = (facts) => {
  const pair = facts.pairs.find(firstStays);
  if (!pair) return undefined;
  const { earlier, later, item } = pair;
  const [from, to] = [timeOf(earlier), timeOf(later)];
  const concerned = { records: [earlier, later], items: [item], attributes: differingAttributes(facts, item) };
  const both = `${earlier.name} and ${later.name}`;
  if (from !== to && Math.floor(from / 1000) === Math.floor(to / 1000)) {
    return explanation('second-precision', `${both} happened ${to - from} ms apart, but the oplock that they store in ${code(item)} is the same, so the time in it is cut to the second: whichever comes first stays. Store the time in milliseconds, as the event has it.`, concerned);
  }
  if (from === to && facts.wholeSeconds) {
    return explanation('second-precision', `${both} write ${code(item)} and bear the same time, ${new Date(from).toISOString()}; the times of all these events are whole seconds, so they seem to be cut: whichever comes first stays. Let the producer stamp events in milliseconds. ${CURE}`, concerned);
  }
  const same = from === to ? `bear the same time, ${new Date(from).toISOString()},` : 'have oplocks that compare as equal,';
  return explanation('tie-lost', `${both} write ${code(item)} and ${same} and nothing decides between them: whichever comes first stays. ${CURE}`, concerned);
};
