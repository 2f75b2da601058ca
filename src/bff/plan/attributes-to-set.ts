import { isOplockStreamError } from '../../errors';
import { describeFound, isObject, quote } from '../../found';
import { planKey } from '../../oplock/plan-key';
import { checkName, checkStorable, normaliseValue } from '../../oplock/value/normalise';
import { countBytes, type Size } from '../../oplock/value/size';
import type { AttributeNames } from '../attributes';
import { CommandError } from '../errors';
import type { Key } from '../result';

export interface AttributesToSet {
  readonly key: Key;
  readonly set: ReadonlyMap<string, unknown>;
  readonly remove: readonly string[];
}

/** `ttl` is the caller's as long as the item lives. */
const MANAGED: readonly (keyof AttributeNames)[] = [
  'version', 'timestamp', 'tie', 'discriminator', 'latched', 'deleted', 'lastModifiedBy', 'awsregion', 'recentCommands',
];

/** DynamoDB has no empty set. */
export const removes = (value: unknown): boolean => value === null || (value instanceof Set && value.size === 0);

/** The names that only the toolkit writes. */
export const managedNames = (names: AttributeNames): readonly string[] => MANAGED.map((role) => names[role]);

/**
 * The caller's attributes, checked: `undefined` is left out, `null` and an empty Set are removed, the rest is set.
 * Throws `INVALID_COMMAND` (400), `ITEM_TOO_LARGE` (413).
 */
export const attributesToSet = (key: unknown, attributes: unknown, names: AttributeNames): AttributesToSet => {
  const size: Size = { bytes: 0 };
  try {
    const planned = planKey(key, { oplock: names.timestamp, tie: names.tie, deleted: names.deleted, ttl: names.ttl }, size);
    if (!isObject(attributes) || attributes instanceof Map || ArrayBuffer.isView(attributes)) {
      throw invalidCommand(`found ${describeFound(attributes)} where an object of attributes belongs`);
    }
    const managed = managedNames(names);
    // `version` may well be a key where versions are timestamps.
    const taken = managed.find((name) => name !== names.version && Object.hasOwn(planned, name));
    if (taken !== undefined) throw invalidCommand(`${quote(taken)} is an attribute of the key, and the toolkit keeps one of this name. Give the toolkit's another name with \`attributes\``);
    const set = new Map<string, unknown>();
    const remove: string[] = [];
    for (const [name, value] of Object.entries(attributes)) {
      if (value === undefined) continue;
      checkName(name, [name]);
      checkStorable(name, [name]);
      if (Object.hasOwn(planned, name)) throw invalidCommand(`${quote(name)} is an attribute of the key, which cannot be changed. Leave it out`);
      if (managed.includes(name)) {
        throw invalidCommand(`${quote(name)} is kept by the toolkit and cannot be set by a command. Leave it out, or choose another name for the toolkit's with \`attributes\``);
      }
      if (removes(value)) {
        remove.push(name);
        continue;
      }
      countBytes(size, Buffer.byteLength(name));
      set.set(name, normaliseValue(value, [name], size));
    }
    return { key: planned, set, remove };
  } catch (error) {
    throw asCommandError(error);
  }
};

export const invalidCommand = (message: string, cause?: unknown): CommandError => new CommandError('INVALID_COMMAND', 400, message, { cause });

const asCommandError = (error: unknown): unknown => {
  if (!isOplockStreamError(error) || error instanceof CommandError) return error;
  if (error.code === 'ITEM_TOO_LARGE') return new CommandError('ITEM_TOO_LARGE', 413, error.message, { cause: error });
  return error.code === 'INVALID_WRITE' ? invalidCommand(error.message, error) : error;
};
