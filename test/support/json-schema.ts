/**
 * As much of JSON Schema as the descriptions here use. A keyword that is not known is an error: it would be a promise
 * that nobody checks.
 */
type Schema = Readonly<Record<string, unknown>>;
/** Whatever JSON holds. */
export type Json = ReturnType<typeof JSON.parse>;

const ANNOTATIONS = ['description', 'default', 'example', 'title'];

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
};

const resolve = (root: unknown, ref: string): Schema =>
  ref.slice(2).split('/').reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], root) as Schema;

type Check = (value: Json, expected: Json, where: string, schema: Schema, root: unknown) => readonly string[];

const CHECKS: Readonly<Record<string, Check>> = {
  $ref: (value, ref, where, _schema, root) => {
    const schema = resolve(root, ref as string);
    return schema === undefined ? [`${where}: there is no ${ref}`] : violations(value, schema, root, where);
  },
  type: (value, type, where) => (typeOf(value) === type || (type === 'number' && typeOf(value) === 'integer') ? [] : [`${where} is of type ${typeOf(value)}, not ${type}`]),
  enum: (value, values, where) => (values.includes(value) ? [] : [`${where} is ${JSON.stringify(value)}, none of ${values.join(', ')}`]),
  required: (value, names, where) => (names as string[]).filter((name) => typeOf(value) === 'object' && !Object.hasOwn(value, name)).map((name) => `${where} has no ${name}`),
  properties: (value, properties, where, _schema, root) => Object.entries(properties as Record<string, Schema>)
    .flatMap(([name, schema]) => (typeOf(value) === 'object' && Object.hasOwn(value, name) ? violations(value[name], schema, root, `${where}.${name}`) : [])),
  additionalProperties: (value, allowed, where, { properties = {} }) => {
    if (allowed !== false) return [`${where}: additionalProperties: ${allowed} is not known here`];
    return typeOf(value) === 'object' ? Object.keys(value).filter((name) => !Object.hasOwn(properties as object, name)).map((name) => `${where} has a ${name}, which is not described`) : [];
  },
  items: (value, schema, where, _schema, root) => (Array.isArray(value) ? value.flatMap((one, at) => violations(one, schema, root, `${where}[${at}]`)) : []),
  minimum: (value, least, where) => (typeof value === 'number' && value < least ? [`${where} is ${value}, less than ${least}`] : []),
  maximum: (value, most, where) => (typeof value === 'number' && value > most ? [`${where} is ${value}, more than ${most}`] : []),
  minLength: (value, least, where) => (typeof value === 'string' && [...value].length < least ? [`${where} is shorter than ${least}`] : []),
  maxLength: (value, most, where) => (typeof value === 'string' && [...value].length > most ? [`${where} is longer than ${most}`] : []),
};

/** What is wrong with a value, in words; none: nothing. `root` is the document that references point into. */
export const violations = (value: unknown, schema: Schema, root: unknown = schema, where = '$'): readonly string[] =>
  Object.entries(schema).flatMap(([keyword, expected]) => {
    if (ANNOTATIONS.includes(keyword)) return [];
    const check = CHECKS[keyword];
    return check ? check(value, expected, where, schema, root) : [`${where}: the keyword ${keyword} is not known here`];
  });
