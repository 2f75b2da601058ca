import type { ConvergeCause, Explanation } from '../report';
import type { Facts, RecordFacts } from '../facts';

/** Looks for one kind of mistake in the facts; `undefined`: not this one. */
export type Cause = (facts: Facts) => Explanation | undefined;

export const explanation = (
  cause: ConvergeCause, text: string,
  { records, items, attributes = [] }: { readonly records: readonly Pick<RecordFacts, 'events'>[]; readonly items: readonly string[]; readonly attributes?: readonly string[] },
): Explanation => ({ cause, text, events: records.flatMap(({ events }) => events.map(({ id }) => id)), items, attributes });
