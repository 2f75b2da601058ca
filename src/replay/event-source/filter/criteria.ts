import { OplockStreamError } from '../../../errors';
import { pattern } from './pattern';

export interface FilterCriteria {
  /** A record is delivered when one of them matches. Each `pattern` is JSON text. */
  readonly filters: readonly { readonly pattern: string }[];
}

/**
 * Whether the function gets a record. Kinesis: `{ data }`, decoded, and nothing else, as Lambda has it; a pattern of
 * fields in `data` refuses data that is no JSON object. DynamoDB: the record as it is, where numbers are text.
 * `keys`: what patterns may have at their top; default: anything. Throws `FILTER_INVALID`.
 */
export const filter = (criteria: FilterCriteria | undefined, keys?: readonly string[]): ((filterable: unknown) => boolean) => {
  if (!criteria || criteria.filters.length === 0) return () => true;
  const patterns = criteria.filters.map(({ pattern: json }) => {
    const parsed = parse(json);
    const matches = pattern(parsed);
    if (keys) checkKeys(parsed, keys);
    const wantsJson = isObject(parsed) && isObject(parsed['data']);
    return (value: unknown) => (!wantsJson || (isObject(value) && isObject(value['data']))) && matches(value);
  });
  return (value) => patterns.some((matches) => matches(value));
};

const checkKeys = (given: unknown, keys: readonly string[]): void => {
  for (const [key, value] of Object.entries(given as object) as [string, unknown][]) {
    if (key === '$or') for (const one of value as readonly unknown[]) checkKeys(one, keys);
    else if (!keys.includes(key)) throw new OplockStreamError('FILTER_INVALID', `The filter pattern asks for ${JSON.stringify(key)}. Of this stream Lambda filters by ${keys.join(', ')} only: look at the rest in the function.`);
  }
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json) as unknown;
  } catch (error) {
    throw new OplockStreamError('FILTER_INVALID', `The filter pattern ${JSON.stringify(json)} is not JSON. Give the pattern as JSON text: JSON.stringify({ … }).`, { cause: error });
  }
};
