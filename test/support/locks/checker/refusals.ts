import { isDeepStrictEqual } from 'node:util';
import { conditionOf, type Conditional } from '../condition';
import { byRow, type Change, type Image, type Violation, type Window } from './history';
import { statesOf, statesWithin } from './states';

/** A conditional write that the table refused. */
export interface Refusal {
  readonly id: string;
  readonly request: Conditional;
  /** From when it left until it was answered. A request that is sent twice, or late, is refused each time on its own. */
  readonly at: Window;
  /** The row, as the answer told it; undefined: none. Absent where the answer does not tell. */
  readonly told?: { readonly row: Image | undefined };
}

/**
 * I4, of what was not done: at some moment between the request and its answer the row contradicted the condition, and was
 * what the answer says it was. O(refusals × changes of the row).
 */
export const checkRefusals = (changes: readonly Change[], refusals: readonly Refusal[]): Violation[] => {
  const states = new Map([...byRow(changes)].map(([id, steps]) => [id, statesOf(steps)]));
  return refusals.flatMap(({ id, request, at, told }): Violation[] => {
    const possible = statesWithin(states.get(id) ?? statesOf([]), at);
    const holds = conditionOf(request);
    const contrary = possible.filter(({ row }) => !holds(row));
    const violation = (problem: string): Violation[] => [{ invariant: 'I4', id, problem: `${request.ConditionExpression} was refused between ${at.from} and ${at.to}, ${problem}` }];
    if (contrary.length === 0) return violation('and the row met it all the while');
    return !told || contrary.some(({ row }) => isDeepStrictEqual(row, told.row)) ? [] : violation(`by a row that was not there: ${JSON.stringify(told.row)}`);
  });
};
