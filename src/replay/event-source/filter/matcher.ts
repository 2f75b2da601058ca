import { OplockStreamError } from '../../../errors';

/** Whether one value of an event, no object and no list, is wanted. `undefined`: there is no such field. */
export type Matcher = (value: unknown) => boolean;

type Operand = Readonly<Record<string, unknown>>;

export const invalid = (path: string, found: unknown, expected: string): OplockStreamError =>
  new OplockStreamError('FILTER_INVALID', `The filter pattern has ${JSON.stringify(found) ?? 'nothing'} at ${path || 'its top'}. Give ${expected}.`);

/** What stands in the list of a field: a plain value, or an object with one operator. */
export const matcher = (path: string, wanted: unknown): Matcher => {
  if (wanted === null || ['string', 'number', 'boolean'].includes(typeof wanted)) return (value) => value === wanted;
  const [operator, operand] = single(path, wanted);
  const make = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (!make) throw invalid(`${path}.${operator}`, operator, `one of the operators ${Object.keys(OPERATORS).join(', ')}`);
  return make(`${path}.${operator}`, operand);
};

const single = (path: string, wanted: unknown): readonly [string, unknown] => {
  const entries = typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted) ? Object.entries(wanted as Operand) : [];
  const [entry] = entries;
  if (!entry || entries.length > 1) throw invalid(path, wanted, 'a text, a number, true, false, null, or an object with one operator');
  return entry;
};

const text = (path: string, operand: unknown): string => {
  if (typeof operand !== 'string') throw invalid(path, operand, 'a text');
  return operand;
};

const onText = (test: (value: string) => boolean): Matcher => (value) => typeof value === 'string' && test(value);

/** A test of texts whose operand is a text, or `{ "equals-ignore-case": text }`. */
const caseAware = (test: (value: string, part: string) => boolean) => (path: string, operand: unknown): Matcher => {
  if (typeof operand === 'string') return onText((value) => test(value, operand));
  const [operator, inner] = single(path, operand);
  if (operator !== 'equals-ignore-case') throw invalid(path, operand, 'a text or { "equals-ignore-case": text }');
  const part = text(`${path}.${operator}`, inner).toLowerCase();
  return onText((value) => test(value.toLowerCase(), part));
};

const exists = (path: string, operand: unknown): Matcher => {
  if (typeof operand !== 'boolean') throw invalid(path, operand, 'true or false');
  return (value) => (value !== undefined) === operand;
};

const equalsIgnoreCase = (path: string, operand: unknown): Matcher => {
  const wanted = text(path, operand).toLowerCase();
  return onText((value) => value.toLowerCase() === wanted);
};

/** `*` is any text, `\*` a star, `\\` a backslash. */
const wildcard = (path: string, operand: unknown): Matcher => {
  const source = text(path, operand).replace(/\\([*\\])|([*])|([^*\\]+|\\)/g, (_all, escaped?: string, star?: string, plain?: string) =>
    (star ? '[\\s\\S]*' : (escaped ?? plain ?? '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  const whole = new RegExp(`^${source}$`);
  return onText((value) => whole.test(value));
};

const COMPARISONS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

const numeric = (path: string, operand: unknown): Matcher => {
  const parts: readonly unknown[] = Array.isArray(operand) ? operand : [];
  const tests = parts.flatMap((sign, at) => (at % 2 === 0 ? [{ compare: Object.hasOwn(COMPARISONS, String(sign)) ? COMPARISONS[String(sign)] : undefined, limit: parts[at + 1] }] : []));
  const checked = tests.flatMap(({ compare, limit }) => (compare && typeof limit === 'number' ? [(value: number) => compare(value, limit)] : []));
  if (checked.length === 0 || checked.length > 2 || checked.length !== tests.length) {
    throw invalid(path, operand, 'a comparison such as [">", 0] or [">", 0, "<=", 10]');
  }
  return (value) => typeof value === 'number' && checked.every((test) => test(value));
};

const anythingBut = (path: string, operand: unknown): Matcher => {
  const refused = refusals(path, operand);
  return (value) => value !== undefined && !refused.some((match) => match(value));
};

const refusals = (path: string, operand: unknown): readonly Matcher[] => {
  if (typeof operand === 'object' && operand !== null && !Array.isArray(operand)) {
    const [operator, inner] = single(path, operand);
    const make = ['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(operator) ? OPERATORS[operator] : undefined;
    if (!make) throw invalid(path, operand, 'prefix, suffix, equals-ignore-case or wildcard inside anything-but');
    return (Array.isArray(inner) ? inner as readonly unknown[] : [inner]).map((one) => make(`${path}.${operator}`, one));
  }
  const values: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  if (values.length === 0 || !values.every((value) => typeof value === 'string' || typeof value === 'number')) {
    throw invalid(path, operand, 'a text, a number, a list of them, or an object with one operator');
  }
  return values.map((wanted) => (value) => value === wanted);
};

const OPERATORS: Readonly<Record<string, (path: string, operand: unknown) => Matcher>> = {
  prefix: caseAware((value, part) => value.startsWith(part)),
  suffix: caseAware((value, part) => value.endsWith(part)),
  'equals-ignore-case': equalsIgnoreCase,
  'anything-but': anythingBut,
  wildcard,
  numeric,
  exists,
};
