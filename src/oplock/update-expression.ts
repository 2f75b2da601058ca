import { OplockStreamError } from '../errors';
import { describeFound, isObject, quote } from '../found';
import { aliasOf } from './placeholders';
import { invalidWrite } from './value/invalid';

/** The part of an `UpdateCommand` input that {@link updateExpression} makes. What would be empty is not there. */
export interface UpdateExpression {
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, unknown>;
  UpdateExpression?: string;
  ReturnValues: 'ALL_NEW';
}

const SUFFIX = '_delete';

/**
 * An update of the attributes of an item, to be spread into an `UpdateCommand` input beside its `Key`:
 * `{ Key, ...updateExpression({ name, timestamp }), ...timestampCondition() }`.
 *
 * - `undefined`: the attribute is left as it is; when all are, there is nothing to update and no expression
 * - `null`: it is removed
 * - a Set: its members are added to the stored set, which can only grow so; to replace a set use a structured write.
 *   An empty Set is left out: it adds nothing, and DynamoDB has none
 * - `tags_delete` with a Set: its members are taken from the set `tags`. Any other value makes it an ordinary attribute
 * - everything else: it is set
 *
 * Placeholders are `#name` and `:name`; other characters than letters, digits and underscores are escaped in them.
 *
 * @throws OplockStreamError `INVALID_WRITE` for `tags` together with `tags_delete`, which DynamoDB does not take in
 *   one update, for an empty name, and for a value under the name `__proto__`: the SDK's document client makes it the
 *   prototype of every item that it reads
 */
export const updateExpression = (item: Readonly<Record<string, unknown>>): UpdateExpression => {
  if (!isObject(item)) throw new OplockStreamError('INVALID_WRITE', `updateExpression: found ${describeFound(item)} where an object of attributes belongs`);
  const clauses = { SET: [] as string[], REMOVE: [] as string[], ADD: [] as string[], DELETE: [] as string[] };
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};

  for (const [key, value] of Object.entries(item)) {
    if (value === undefined || (value instanceof Set && value.size === 0)) continue;
    const action = actionOf(key, value);
    const attribute = action === 'DELETE' ? key.slice(0, -SUFFIX.length) : key;
    const name = bind(names, attribute);
    if (action === 'REMOVE') {
      clauses.REMOVE.push(name);
      continue;
    }
    if (attribute === '__proto__') throw invalidWrite(['updateExpression', attribute], 'the SDK\'s document client cannot read back an attribute of this name. Leave it out or rename it');
    const placeholder = `:${aliasOf(key)}`;
    if (Object.hasOwn(values, placeholder)) throw sameAlias(key);
    values[placeholder] = value;
    clauses[action].push(action === 'SET' ? `${name} = ${placeholder}` : `${name} ${placeholder}`);
  }

  const expression = Object.entries(clauses).filter(([, parts]) => parts.length > 0).map(([clause, parts]) => `${clause} ${parts.join(', ')}`).join(' ');
  return {
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
    ...(expression !== '' && { UpdateExpression: expression }),
    ReturnValues: 'ALL_NEW',
  };
};

const actionOf = (key: string, value: unknown): 'SET' | 'REMOVE' | 'ADD' | 'DELETE' => {
  if (value === null) return 'REMOVE';
  if (!(value instanceof Set)) return 'SET';
  return key.endsWith(SUFFIX) && key.length > SUFFIX.length ? 'DELETE' : 'ADD';
};

/** Adds the name; throws when the expression has it (or, for hashed aliases, another one in its place) already. */
const bind = (names: Record<string, string>, attribute: string): string => {
  if (attribute === '') throw new OplockStreamError('INVALID_WRITE', 'updateExpression: found an empty attribute name');
  const name = `#${aliasOf(attribute)}`;
  const taken = names[name];
  if (taken === undefined) {
    names[name] = attribute;
    return name;
  }
  if (taken !== attribute) throw sameAlias(attribute);
  throw new OplockStreamError(
    'INVALID_WRITE',
    `updateExpression: found ${quote(attribute)} together with ${quote(attribute + SUFFIX)}: DynamoDB does not change one attribute twice in an update (overlapping paths). `
      + 'Send two updates, or set the whole set with a structured write',
  );
};

const sameAlias = (attribute: string): OplockStreamError =>
  new OplockStreamError('INVALID_WRITE', `updateExpression: the placeholder for the long name ${quote(attribute)} is that of another. Use a structured write`);
