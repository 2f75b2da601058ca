import { canonicalNumber as canonicalDecimal } from '../../decimal';

/** The one text of a DynamoDB number: engines write the same one as `1.500`, `1.5`, `15e-1`. What is no number comes back as it is. */
export const canonicalNumber = (text: string): string => canonicalDecimal(text) ?? text;

/** A JavaScript number where it says exactly the same, the text otherwise. */
export const plainNumber = (text: string): number | string => {
  const canonical = canonicalNumber(text);
  const number = Number(canonical);
  return Number.isFinite(number) && canonicalNumber(String(number)) === canonical ? number : canonical;
};
