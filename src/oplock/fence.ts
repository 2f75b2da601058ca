import { OplockStreamError } from '../errors';
import { describeFound } from '../found';

/** What a conditional request says besides its key; of an `UpdateCommand`, a `PutCommand`, or an element of a transaction. */
export interface Conditional {
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>> | undefined;
}

/** What the fence adds; a condition that was there counts as well. */
export interface Conditioned {
  ConditionExpression: string;
  ExpressionAttributeNames: Record<string, string>;
  ExpressionAttributeValues: Record<string, unknown>;
}

/** Makes requests that an older holder of a lock can't make any more, once a newer one has written. */
export interface Fence {
  /** Of an `UpdateCommand`, or of `Update` in a transaction. Keeps the token in the item. */
  update<T extends object>(input: T & Conditional & { readonly UpdateExpression?: string | undefined }): T & Conditioned & { UpdateExpression: string };
  /** Of a `PutCommand`, or of `Put` in a transaction. Keeps the token in the item. */
  put<T extends object>(input: T & Conditional & { readonly Item?: Readonly<Record<string, unknown>> | undefined }): T & Conditioned & { Item: Record<string, unknown> };
  /** Of a `ConditionCheck`, or of a delete, after which there is no token to compare with: mark what is to be gone instead. */
  check<T extends object>(input: T & Conditional): T & Conditioned;
}

const NAME = 'fence';

/**
 * A fencing token as an oplock: the item keeps the greatest token that has written it (`attribute`), and refuses older ones with
 * a `ConditionalCheckFailedException`. The same token may write again. An item without a token takes any.
 *
 * @param token of the lock, `lock.fencingToken`: a whole number of 0 or more
 * @throws OplockStreamError `INVALID_WRITE`
 */
export const fence = (token: number | undefined, { attribute = 'fence' }: { readonly attribute?: string } = {}): Fence => {
  if (!Number.isSafeInteger(token) || Number(token) < 0) {
    throw new OplockStreamError('INVALID_WRITE', `fence: found ${describeFound(token)}, expected a fencing token, which is a whole number. Only locks of a table that is exclusive have one: createLockClient({ exclusive: true })`);
  }
  if (typeof attribute !== 'string' || attribute === '' || attribute === '__proto__') {
    throw new OplockStreamError('INVALID_WRITE', `fence: found ${describeFound(attribute)} where the name of an attribute belongs`);
  }

  const within = ({ ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues }: Conditional) => {
    const name = unusedIn(ExpressionAttributeNames, `#${NAME}`);
    const value = unusedIn(ExpressionAttributeValues, `:${NAME}`);
    const condition = `attribute_not_exists(${name}) OR ${name} <= ${value}`;
    return {
      assignment: `${name} = ${value}`,
      conditioned: {
        ConditionExpression: ConditionExpression ? `${enclosed(ConditionExpression)} AND (${condition})` : condition,
        ExpressionAttributeNames: { ...ExpressionAttributeNames, [name]: attribute },
        ExpressionAttributeValues: { ...ExpressionAttributeValues, [value]: token },
      },
    };
  };

  return {
    update: (input) => {
      const { assignment, conditioned } = within(input);
      return { ...input, ...conditioned, UpdateExpression: assigning(input.UpdateExpression, assignment) };
    },
    put: (input) => ({ ...input, ...within(input).conditioned, Item: { ...input.Item, [attribute]: token } }),
    check: (input) => ({ ...input, ...within(input).conditioned }),
  };
};

const unusedIn = (used: object | undefined, placeholder: string): string => (used && Object.hasOwn(used, placeholder) ? unusedIn(used, `${placeholder}_`) : placeholder);

/** DynamoDB has one SET in an update, and no attribute or placeholder is a bare `SET`. */
const SET = /(?<![#:.\w])SET\s+/i;

const assigning = (expression: string | undefined, assignment: string): string => {
  if (!expression) return `SET ${assignment}`;
  return SET.test(expression) ? expression.replace(SET, () => `SET ${assignment}, `) : `SET ${assignment} ${expression}`;
};

/** In parentheses, once: DynamoDB takes no redundant ones. */
const enclosed = (condition: string): string => {
  const characters = [...condition.trim()];
  let depth = 0;
  const end = characters.findIndex((character) => {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    return depth === 0;
  });
  return characters[0] === '(' && end === characters.length - 1 ? condition : `(${condition})`;
};
