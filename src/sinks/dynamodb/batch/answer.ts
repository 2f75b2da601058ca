import { classifyError } from '../../../faults/classify';
import { isUnsupported } from './unsupported';

/** What DynamoDB says of one statement of a batch that failed. */
export interface StatementError {
  readonly Code?: string | undefined;
  readonly Message?: string | undefined;
  /** As plain values. */
  readonly Item?: Readonly<Record<string, unknown>> | undefined;
}

/** The condition of a statement failed; the item that was there, if there was one. */
export class StatementRefused extends Error {
  override readonly name = 'ConditionalCheckFailedException';

  constructor(readonly item: Readonly<Record<string, unknown>> | undefined) {
    super('The conditional request failed');
  }
}

/** What one statement of a batch came to. */
export type StatementAnswer =
  | { readonly kind: 'taken' }
  /** The condition failed on this item. */
  | { readonly kind: 'refused'; readonly item: Readonly<Record<string, unknown>> }
  /** An UPDATE found no item. */
  | { readonly kind: 'missing' }
  /** An INSERT found an item. */
  | { readonly kind: 'exists' }
  /** Not as a statement, at least; as a request it may be possible, or have a better error. */
  | { readonly kind: 'invalid' }
  /** The function's role may not send statements; it may be allowed to send the request. */
  | { readonly kind: 'denied'; readonly error: Error }
  | { readonly kind: 'failed'; readonly error: Error };

/** The code comes first: a throttled statement has no item, either, and must not be taken for a missing one. */
export const answerOf = (found: StatementError | undefined): StatementAnswer => {
  if (!found) return { kind: 'taken' };
  if (found.Code === 'ConditionalCheckFailed') return found.Item ? { kind: 'refused', item: found.Item } : { kind: 'missing' };
  if (found.Code === 'DuplicateItem') return { kind: 'exists' };
  const error = Object.assign(new Error(found.Message ?? 'a statement of a batch failed'), { name: found.Code ?? 'Error' });
  if (isUnsupported(error)) return { kind: 'denied', error };
  return classifyError(error) === 'transient' ? { kind: 'failed', error } : { kind: 'invalid' };
};
