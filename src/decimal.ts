import { NumberValueImpl as NumberValue } from '@aws-sdk/util-dynamodb';
import { magnitudeOf, parseDecimal, type Decimal } from './oplock/value/number';

const SMALL_INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;
const MAX_TEXT = 300;
// DynamoDB's own range. It also bounds the work: 1E+9999 would become an integer of ten thousand digits.
const MIN_MAGNITUDE = -130;
const MAX_MAGNITUDE = 125;

const parse = (text: string): Decimal | undefined => {
  const decimal = text.length > MAX_TEXT ? undefined : parseDecimal(text);
  if (!decimal || decimal.digits === '') return decimal;
  const magnitude = magnitudeOf(decimal);
  return magnitude < MIN_MAGNITUDE || magnitude > MAX_MAGNITUDE ? undefined : decimal;
};

const plain = ({ negative, digits, scale }: Decimal): string => {
  if (digits === '') return '0';
  const point = digits.length + scale;
  const text = scale >= 0
    ? digits + '0'.repeat(scale)
    : point > 0 ? `${digits.slice(0, point)}.${digits.slice(point)}` : `0.${'0'.repeat(-point)}${digits}`;
  return negative ? `-${text}` : text;
};

/**
 * The one plain spelling of a number, without exponent or superfluous zeros: `1.50` and `15E-1` are both `1.5`.
 * `undefined` when it is no number, or none that DynamoDB can hold (1E-130 to 9.9…E+125).
 */
export const canonicalNumber = (text: string): string | undefined => {
  const decimal = parse(text);
  return decimal && plain(decimal);
};

/**
 * The JavaScript value that holds a DynamoDB number without loss: a `number` when its double prints as the same
 * decimal, a `bigint` for an integer beyond 2^53, a `NumberValue` for any other decimal. `undefined` as above.
 */
export const exactNumber = (text: string): number | bigint | NumberValue | undefined => {
  if (SMALL_INTEGER.test(text)) return Number(text); // nearly all there are
  const decimal = parse(text);
  if (!decimal) return undefined;
  const canonical = plain(decimal);
  const double = Number(canonical);
  if (decimal.scale >= 0) return Number.isSafeInteger(double) ? double : BigInt(canonical);
  return canonicalNumber(String(double)) === canonical ? double : NumberValue.from(canonical);
};
