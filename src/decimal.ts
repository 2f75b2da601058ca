import { NumberValueImpl as NumberValue } from '@aws-sdk/util-dynamodb';

/** A DynamoDB number: value = digits × 10^scale; digits carry no zeros at either end, zero has none at all. */
interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly scale: number;
}

const SYNTAX = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;
const SMALL_INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;
const MAX_TEXT = 300;
// DynamoDB's own range. It also bounds the work: 1E+9999 would become an integer of ten thousand digits.
const MIN_MAGNITUDE = -130;
const MAX_MAGNITUDE = 125;

const parse = (text: string): Decimal | undefined => {
  if (text.length > MAX_TEXT) return undefined;
  const match = SYNTAX.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const written = (whole + fraction).replace(/^0+/, '');
  const digits = written.replace(/0+$/, '');
  if (digits === '') return { negative: false, digits, scale: 0 };
  const scale = Number(exponent) - fraction.length + (written.length - digits.length);
  const magnitude = scale + digits.length - 1;
  if (magnitude < MIN_MAGNITUDE || magnitude > MAX_MAGNITUDE) return undefined;
  return { negative: sign === '-', digits, scale };
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
