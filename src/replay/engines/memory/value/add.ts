import { exactNumber } from '../../../../decimal';
import { magnitudeOf, numberKey, parseDecimal, type NumberLike } from '../../../../oplock/value/number';
import { invalid } from '../fault';

const MAX_DIGITS = 38;

const textOf = (number: NumberLike): string => (typeof number === 'object' ? number.value : String(number));

/** digits × 10^scale */
const parts = (number: NumberLike): { readonly digits: bigint; readonly scale: number } => {
  const { negative, digits, scale } = parseDecimal(textOf(number)) ?? { negative: false, digits: '', scale: 0 };
  const magnitude = BigInt(digits === '' ? '0' : digits);
  return { digits: negative ? -magnitude : magnitude, scale };
};

/** The exact sum (or difference) of two numbers; what DynamoDB cannot hold is an error. */
export const addNumbers = (a: NumberLike, b: NumberLike, sign: 1 | -1): NumberLike => {
  if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) {
    const sum = (a as number) + sign * (b as number);
    if (Number.isSafeInteger(sum)) return sum;
  }
  const [x, y] = [parts(a), parts(b)];
  const scale = Math.min(x.scale, y.scale);
  const sum = x.digits * 10n ** BigInt(x.scale - scale) + BigInt(sign) * y.digits * 10n ** BigInt(y.scale - scale);
  const text = `${sum}e${scale}`;
  const decimal = parseDecimal(text);
  if (!decimal || decimal.digits === '') return 0;
  if (decimal.digits.length > MAX_DIGITS) throw invalid('Attempting to store more than 38 significant digits in a Number');
  const exact = exactNumber(`${decimal.negative ? '-' : ''}${decimal.digits}e${decimal.scale}`);
  if (exact === undefined) throw invalid(`Number ${magnitudeOf(decimal) > 0 ? 'over' : 'under'}flow. Attempting to store a number with magnitude outside of the supported range`);
  return exact;
};

const memberKey = (member: unknown): string =>
  typeof member === 'string' ? member : ArrayBuffer.isView(member) ? Buffer.from(member as Uint8Array).toString('latin1') : numberKey(member as NumberLike);

export const unionOf = (set: ReadonlySet<unknown>, more: ReadonlySet<unknown>): ReadonlySet<unknown> => {
  const known = new Set([...set].map(memberKey));
  return new Set([...set, ...[...more].filter((one) => !known.has(memberKey(one)))]);
};

export const differenceOf = (set: ReadonlySet<unknown>, less: ReadonlySet<unknown>): ReadonlySet<unknown> => {
  const gone = new Set([...less].map(memberKey));
  return new Set([...set].filter((one) => !gone.has(memberKey(one))));
};
