import { OplockStreamError } from '../errors';
import { describeFound } from '../found';
import { isReservedWord } from './reserved-words';

const PLAIN = /^[A-Za-z][A-Za-z0-9_]*$/;

/**
 * Create only: holds while the item is not there. To be spread into an `UpdateCommand` input beside an
 * {@link updateExpression}, whose names it leaves alone; so the field must be one that DynamoDB takes as it is.
 *
 * @param fieldName an attribute of the key; default `pk`
 */
export const pkCondition = (fieldName = 'pk'): { ConditionExpression: string } => {
  if (typeof fieldName === 'string' && PLAIN.test(fieldName) && !isReservedWord(fieldName)) {
    return { ConditionExpression: `attribute_not_exists(${fieldName})` };
  }
  throw new OplockStreamError(
    'INVALID_WRITE',
    `pkCondition: found ${describeFound(fieldName)}, which DynamoDB does not take in an expression as it is (a reserved word, or more than letters, digits and `
      + 'underscores). Write `ConditionExpression: \'attribute_not_exists(#key)\'` and add `\'#key\'` to ExpressionAttributeNames',
  );
};
