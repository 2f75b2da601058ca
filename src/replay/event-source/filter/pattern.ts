import { invalid, matcher, type Matcher } from './matcher';

export type Pattern = (event: unknown) => boolean;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * An event pattern as a function: every field must match; a list holds alternatives; `$or` holds alternative patterns.
 * Throws `FILTER_INVALID` for what is no pattern.
 */
export const pattern = (given: unknown, path = ''): Pattern => {
  if (!isFields(given) || Object.keys(given).length === 0) throw invalid(path, given, 'an object of fields');
  const tests = Object.entries(given).map(([name, wanted]) => field(name, wanted, path === '' ? name : `${path}.${name}`));
  return (event) => tests.every((test) => test(event));
};

const field = (name: string, wanted: unknown, path: string): Pattern => {
  if (name === '$or') return alternatives(wanted, path);
  if (Array.isArray(wanted)) {
    if (wanted.length === 0) throw invalid(path, wanted, 'at least one value');
    const matchers = wanted.map((one) => matcher(path, one));
    return (event) => leafMatches(own(event, name), matchers);
  }
  const inner = pattern(wanted, path);
  return (event) => {
    const value = own(event, name);
    return Array.isArray(value) ? value.some(inner) : inner(value);
  };
};

const alternatives = (wanted: unknown, path: string): Pattern => {
  if (!Array.isArray(wanted) || wanted.length === 0) throw invalid(path, wanted, 'a list of patterns');
  const patterns = wanted.map((one, at) => pattern(one, `${path}[${at}]`));
  return (event) => patterns.some((matches) => matches(event));
};

const own = (value: unknown, name: string): unknown =>
  (isFields(value) && Object.hasOwn(value, name) ? value[name] : undefined);

/** Only what is no object counts as there; of a list any value may match. */
const leafMatches = (value: unknown, matchers: readonly Matcher[]): boolean => {
  const leaves = (Array.isArray(value) ? value.flat(Infinity) as unknown[] : [value]).filter((one) => !isFields(one) && one !== undefined);
  return (leaves.length === 0 ? [undefined] : leaves).some((leaf) => matchers.some((match) => match(leaf)));
};
