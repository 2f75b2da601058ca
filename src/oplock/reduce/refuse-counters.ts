import { boundName, boundValue, type Bindings } from '../condition/ast';
import { findOplockClauses } from '../condition/oplock-clause';
import { parseCondition } from '../condition/parse';
import { pathText } from '../condition/text';
import { parseUpdateParts, type UpdatePart } from '../condition/update-parts';
import { typeOf } from '../value/type';
import type { RawUpdateRequest } from '../verdict/of-request';
import { counterUnderOplock } from './choices';

/**
 * Throws `COUNTER_UNDER_OPLOCK` for a request of the caller's own that counts (`ADD` of a number, `n + :v`, `list_append`)
 * under an inverse oplock. What cannot be read passes, as does an `ADD` of a set.
 */
export const refuseCounters = ({ UpdateExpression: update, ConditionExpression: text, ExpressionAttributeNames: names, ExpressionAttributeValues: values }: RawUpdateRequest): void => {
  if (!update || !text) return;
  const bindings = { names, values };
  const parts = parseUpdateParts(update) ?? [];
  const counting = parts.find((part) => counts(part, bindings));
  if (!counting) return;
  const condition = parseCondition(text);
  if (!condition || findOplockClauses(condition, parts, bindings).length === 0) return;
  const attribute = boundName(counting.path[0], bindings) ?? counting.path[0];
  throw counterUnderOplock(
    `the update request changes ${pathText(counting.path, bindings)} by what is stored in it (${wayOf(counting)}), under an inverse oplock: what a late event has to add is lost.`
      + ' Use a structured write with `add`, or, if you know that nothing comes late, `oplock: { allowCounters: true }`.',
    { attribute },
  );
};

const counts = ({ clause, value, computes }: UpdatePart, bindings: Bindings): boolean =>
  computes !== undefined || (clause === 'ADD' && value !== undefined && typeOf(boundValue(value, bindings)) === 'N');

const wayOf = ({ clause, computes }: UpdatePart): string => computes ?? clause;
