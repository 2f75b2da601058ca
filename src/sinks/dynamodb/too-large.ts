import { OplockStreamError } from '../../errors';
import type { Step } from './step';

/** DynamoDB's words, and those of its emulators: "Item size to update has exceeded the maximum allowed size". */
const TOO_LARGE = /item size .*exceeded/i;

/** The error itself, or, where the ids of the events counted have filled an item, one that says so. */
export const explainTooLarge = (error: unknown, { growing = [] }: Step): unknown => {
  const { name, message } = error as { readonly name?: unknown; readonly message?: unknown };
  if (growing.length === 0 || name !== 'ValidationException' || typeof message !== 'string' || !TOO_LARGE.test(message)) return error;
  return new OplockStreamError(
    'ITEM_TOO_LARGE',
    `the ids of the events counted (${growing.join(', ')}) have filled the item up to DynamoDB's 400 KB: give each day, hour or minute an item of its own and add these up when you read, or count by 'dedupeItem'`,
    { cause: error, details: { attributes: growing } },
  );
};
