import { boundValue, type Bindings, type Condition } from '../condition/ast';
import { evaluate, resolvePath, type Item } from '../condition/evaluate';
import { findOplockClauses, flatten, type OplockClause } from '../condition/oplock-clause';
import { parseCondition } from '../condition/parse';
import { conditionText, pathText } from '../condition/text';
import { parseUpdateParts, type UpdatePart } from '../condition/update-parts';
import { compareValues, equalValues, setContains } from '../value/compare';
import { difference, looksLikeMs, olderThan, typeName, type Verdict } from './kinds';

/** What a verdict needs of an `UpdateCommand` input; any such input fits. */
export interface RawUpdateRequest {
  readonly UpdateExpression?: string | undefined;
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>> | undefined;
}

const MAX_REASON = 500;

const conflict = (reason: string): Verdict => ({ kind: 'conflict', reason: reason.length > MAX_REASON ? `${reason.slice(0, MAX_REASON)}…` : reason });

/**
 * Why the table refused an update request of the caller's own, from the item that was there: its condition is read,
 * the oplock found in it, and evaluated again. What is not certainly the oplock's doing is a `conflict`, never `stale`.
 *
 * @param options.deletedAttribute is `true` on a tombstone; default `deleted`
 */
export const verdictOfRequest = (
  request: RawUpdateRequest,
  oldItem: Item | undefined,
  options: { readonly deletedAttribute?: string | undefined } = {},
): Verdict => {
  if (oldItem === undefined) return conflict('the item does not exist');
  const { UpdateExpression: update = '', ConditionExpression: text, ExpressionAttributeNames: names, ExpressionAttributeValues: values } = request;
  if (!text) return conflict('the request has no ConditionExpression');
  const condition = parseCondition(text);
  if (!condition) return conflict('unparsed condition');
  const bindings = { names, values };
  const parts = parseUpdateParts(update) ?? [];
  for (const clause of findOplockClauses(condition, parts, bindings)) {
    const verdict = verdictOfClause(clause, { parts, oldItem, bindings, deletedAttribute: options.deletedAttribute ?? 'deleted' });
    if (verdict) return verdict;
  }
  return conflict(failedCondition(condition, oldItem, bindings));
};

interface Context {
  readonly parts: readonly UpdatePart[];
  readonly oldItem: Item;
  readonly bindings: Bindings;
  readonly deletedAttribute: string;
}

/** `undefined` when the oplock would let the request pass, or has nothing to compare with. */
const verdictOfClause = ({ path, value, clause }: OplockClause, context: Context): Verdict | undefined => {
  const { oldItem, bindings, deletedAttribute } = context;
  const stored = resolvePath(path, oldItem, bindings);
  const incoming = boundValue(value, bindings);
  if (stored === undefined || incoming === undefined || evaluate(clause, oldItem, bindings)) return undefined;
  const order = compareValues(stored, incoming);
  if (order === undefined) {
    return { kind: 'mismatch', reason: `${pathText(path, bindings)} holds ${typeName(stored)}, the request compares it with ${typeName(incoming)}` };
  }
  const behindMs = looksLikeMs(stored) && looksLikeMs(incoming) ? difference(stored, incoming) : undefined;
  if (order > 0) return olderThan(oldItem, deletedAttribute, behindMs);
  if (order < 0) return undefined;
  return isStored(context) ? { kind: 'duplicate' } : { kind: 'stale', ...(behindMs !== undefined && { behindMs }) };
};

/** Whether the item looks as this very request would have left it, as far as its constants tell. */
const isStored = ({ parts, oldItem, bindings }: Context): boolean => {
  const tell = parts.filter((part) => part.clause === 'REMOVE' || part.value !== undefined);
  return tell.some(({ clause }) => clause === 'SET') && tell.every(({ clause, path, value }) => {
    const stored = resolvePath(path, oldItem, bindings);
    const constant = value === undefined ? undefined : boundValue(value, bindings);
    switch (clause) {
      case 'SET': return equalValues(stored, constant);
      case 'REMOVE': return stored === undefined;
      case 'ADD': return constant instanceof Set ? setContains(stored, constant, 'all') : true;
      case 'DELETE': return !setContains(stored, constant, 'some');
    }
  });
};

const failedCondition = (condition: Condition, item: Item, bindings: Bindings): string => {
  const failed = flatten(condition, 'and').filter((one) => !evaluate(one, item, bindings));
  if (failed.length === 0) return 'the condition holds on the item as it is now';
  return `condition failed: ${conditionText(failed.length === 1 && failed[0] ? failed[0] : { type: 'and', operands: failed }, bindings)}`;
};
