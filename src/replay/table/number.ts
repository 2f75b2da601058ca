/**
 * The one text of a DynamoDB number: engines differ in how they write the same one (`1.500`, `1.5`, `15e-1`).
 * Plain digits where these are short, scientific beyond 40 digits. Text that is no number comes back as it is.
 */
export const canonicalNumber = (text: string): string => {
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text.trim());
  if (!parts || !(parts[2] || parts[3])) return text;
  const [, sign, whole = '', fraction = '', power = '0'] = parts;
  const all = (whole + fraction).replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  if (digits === '') return '0';
  const exponent = Number(power) - fraction.length + (all.length - digits.length);
  return (sign === '-' ? '-' : '') + unsigned(digits, exponent);
};

/** `digits` × 10^`exponent`. */
const unsigned = (digits: string, exponent: number): string => {
  const point = digits.length + exponent;
  if (exponent >= 0 && point <= 40) return digits + '0'.repeat(exponent);
  if (exponent < 0 && point > 0) return `${digits.slice(0, point)}.${digits.slice(point)}`;
  if (exponent < 0 && exponent > -40) return `0.${'0'.repeat(-point)}${digits}`;
  const [first = '', rest = ''] = [digits.slice(0, 1), digits.slice(1)];
  return `${first}${rest === '' ? '' : `.${rest}`}e${point - 1}`;
};

/** A JavaScript number where it says exactly the same, the text otherwise. */
export const plainNumber = (text: string): number | string => {
  const canonical = canonicalNumber(text);
  const number = Number(canonical);
  return Number.isFinite(number) && canonicalNumber(String(number)) === canonical ? number : canonical;
};
