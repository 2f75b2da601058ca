/** A number beyond JavaScript's own, as `NumberValue` of the SDK's document client holds it: by its text. */
export interface NumberText {
  readonly value: string;
}

export type NumberLike = number | bigint | NumberText;

/** value = digits × 10^scale; digits carry no zeros at either end, zero has none at all. */
export interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly scale: number;
}

const SYNTAX = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;

/** `undefined` when the text is no decimal number. Exponents are compared, never written out. */
export const parseDecimal = (text: string): Decimal | undefined => {
  const [match, sign, whole = '', fraction = '', exponent = '0'] = SYNTAX.exec(text) ?? [];
  if (match === undefined || (whole === '' && fraction === '')) return undefined;
  const written = (whole + fraction).replace(/^0+/, '');
  const digits = written.slice(0, endOfDigits(written));
  if (digits === '') return { negative: false, digits, scale: 0 };
  return { negative: sign === '-', digits, scale: Number(exponent) - fraction.length + written.length - digits.length };
};

/** Where the trailing zeros begin. A loop: `/0+$/` takes quadratic time on a long run of zeros followed by a one. */
const endOfDigits = (written: string): number => {
  let end = written.length;
  while (end > 0 && written.charCodeAt(end - 1) === 48) end -= 1;
  return end;
};

/** Exponent of the first digit: 0 for 1 to 9.99…, 1 for 10 to 99.99… */
export const magnitudeOf = (decimal: Decimal): number => decimal.scale + decimal.digits.length - 1;

/**
 * Recognised by its shape, because several copies of the SDK may be loaded. A plain `{ value: '1' }` is a map:
 * only an instance of some class counts.
 */
export const isNumberText = (value: object): value is NumberText => {
  if (isPlainObject(value) || !Object.hasOwn(value, 'value')) return false;
  const text = (value as { value: unknown }).value;
  return typeof text === 'string' && parseDecimal(text) !== undefined;
};

/** An object literal or parsed JSON, also of another realm; not an instance of a class. */
export const isPlainObject = (value: object): value is Record<string, unknown> => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

const toDecimal = (value: NumberLike): Decimal =>
  parseDecimal(typeof value === 'object' ? value.value : String(value)) ?? { negative: false, digits: '', scale: 0 };

/** One text per number: `1.50`, `15E-1` and 1.5 have the same. Short even for 1E+125. */
export const numberKey = (value: NumberLike): string => {
  const { negative, digits, scale } = toDecimal(value);
  return `${negative ? '-' : ''}${digits}e${scale}`;
};

/** As decimals, without loss: 9007199254740993 is not 9007199254740992. */
export const compareNumbers = (a: NumberLike, b: NumberLike): -1 | 0 | 1 => {
  if (typeof a !== 'object' && typeof b !== 'object') return a < b ? -1 : a > b ? 1 : 0;
  const [x, y] = [toDecimal(a), toDecimal(b)];
  const sign = signOf(x);
  if (sign !== signOf(y)) return sign < signOf(y) ? -1 : 1;
  if (sign === 0) return 0;
  return (compareMagnitudes(x, y) * sign) as -1 | 0 | 1;
};

const signOf = ({ negative, digits }: Decimal): -1 | 0 | 1 => (digits === '' ? 0 : negative ? -1 : 1);

const compareMagnitudes = (x: Decimal, y: Decimal): -1 | 0 | 1 => {
  const [a, b] = [magnitudeOf(x), magnitudeOf(y)];
  if (a !== b) return a < b ? -1 : 1;
  // Without zeros at the end a shorter run of the same digits is the smaller number, as it is the smaller text.
  return x.digits < y.digits ? -1 : x.digits > y.digits ? 1 : 0;
};
