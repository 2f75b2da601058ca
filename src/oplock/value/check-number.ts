import { describeFound } from '../../found';
import { invalidWrite, type ValuePath } from './invalid';
import { magnitudeOf, parseDecimal, type NumberLike } from './number';

/** DynamoDB's numbers: up to 38 digits, 1E-130 to 9.9…E+125. */
const MAX_DIGITS = 38;
const MIN_MAGNITUDE = -130;
const MAX_MAGNITUDE = 125;

/** The number itself; throws `INVALID_WRITE` for one that DynamoDB, or the way there, cannot take without loss. */
export const checkNumber = <N extends NumberLike>(number: N, path: ValuePath): N => {
  if (Number.isSafeInteger(number)) return number;
  if (typeof number === 'number') {
    if (!Number.isFinite(number)) throw invalidWrite(path, `found ${describeFound(number)}, which no DynamoDB type can hold`);
    if (Math.abs(number) > Number.MAX_SAFE_INTEGER) {
      throw invalidWrite(path, `found ${describeFound(number)}: beyond 2^53 a number has lost digits already. Use a bigint`);
    }
  }
  const decimal = parseDecimal(typeof number === 'object' ? number.value : String(number));
  const magnitude = decimal && magnitudeOf(decimal);
  if (!decimal || magnitude === undefined) throw invalidWrite(path, `found ${describeFound(number)}, which is no number`);
  if (decimal.digits.length > MAX_DIGITS) throw invalidWrite(path, `found a number of ${decimal.digits.length} digits: DynamoDB holds ${MAX_DIGITS}. Use a string`);
  if (decimal.digits !== '' && (magnitude < MIN_MAGNITUDE || magnitude > MAX_MAGNITUDE)) {
    throw invalidWrite(path, 'found a number out of DynamoDB\'s range, 1E-130 to 9.9E+125. Use a string');
  }
  return number;
};
