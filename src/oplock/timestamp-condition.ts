import { OplockStreamError } from '../errors';
import { describeFound } from '../found';
import { aliasOf } from './placeholders';

/**
 * The inverse oplock as a condition, to be spread into an `UpdateCommand` input beside an {@link updateExpression} that
 * sets the same field: both use the same placeholders. Of two events with equal times the first to come stays; a
 * structured write has a tie for that.
 *
 * @param fieldName default `timestamp`
 */
export const timestampCondition = (fieldName = 'timestamp'): { ConditionExpression: string } => {
  if (typeof fieldName !== 'string' || fieldName === '') {
    throw new OplockStreamError('INVALID_WRITE', `timestampCondition: found ${describeFound(fieldName)} where the name of an attribute belongs`);
  }
  const alias = aliasOf(fieldName);
  return { ConditionExpression: `attribute_not_exists(#${alias}) OR #${alias} < :${alias}` };
};
