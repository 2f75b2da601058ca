import { describeFound, isObject } from '../found';
import type { OplockAttributes } from './options';
import type { Oplock } from './order';
import { equalValues } from './value/compare';
import { invalidWrite, type Trail, type ValuePath } from './value/invalid';
import { checkName, checkStorable, normaliseValue } from './value/normalise';
import { countBytes, type Size } from './value/size';
import type { WriteRequest } from './write';

interface Plan {
  readonly key: Readonly<Record<string, unknown>>;
  readonly oplock: Oplock;
  readonly attributes: OplockAttributes;
  readonly size: Size;
  readonly tombstone: boolean;
}

/** What the write stores and removes beside key and oplock. Throws `INVALID_WRITE`, `ITEM_TOO_LARGE`. */
export const planAttributes = (request: WriteRequest, plan: Plan): { readonly set: Readonly<Record<string, unknown>>; readonly remove: readonly string[] } => {
  const set: Record<string, unknown> = {};
  const remove = new Set<string>();
  const path: Trail = ['set', ''];
  const given = attributesToSet(request.set);
  for (const name of Object.keys(given)) {
    const value = given[name];
    path[1] = name;
    checkAttribute(name, path, plan);
    if (isPlannedAlready(name, value, path, plan)) continue;
    if (value === undefined || (value instanceof Set && value.size === 0)) {
      remove.add(name);
      continue;
    }
    checkStorable(name, path);
    if (plan.tombstone) checkTombstoneAttribute(name, path, plan);
    countBytes(plan.size, Buffer.byteLength(name));
    set[name] = normaliseValue(value, path, plan.size);
  }
  for (const [i, name] of namesToRemove(request.remove).entries()) {
    const at = ['remove', i];
    if (typeof name !== 'string') throw invalidWrite(at, `found ${describeFound(name)} where the name of an attribute belongs`);
    checkAttribute(name, at, plan);
    if (name === plan.attributes.oplock || name === plan.attributes.tie) throw invalidWrite(at, 'the oplock stays with the item: without it an older event would win');
    if (Object.hasOwn(set, name)) throw invalidWrite(at, 'the same attribute is in `set`. Decide for one of them');
    remove.add(name);
  }
  return { set, remove: plan.tombstone ? [] : [...revival(set, remove, plan)] };
};

/** An update brings a deleted item back to life. */
const revival = (set: object, remove: Set<string>, { attributes: { deleted, ttl } }: Plan): Set<string> => {
  for (const name of [deleted, ttl]) if (!Object.hasOwn(set, name)) remove.add(name);
  return remove;
};

const attributesToSet = (set: unknown): Readonly<Record<string, unknown>> => {
  if (set === undefined) return {};
  if (!isObject(set) || set instanceof Map || ArrayBuffer.isView(set)) throw invalidWrite(['set'], `found ${describeFound(set)} where an object of attributes belongs`);
  return set;
};

const namesToRemove = (remove: unknown): readonly unknown[] => {
  if (remove === undefined) return [];
  if (!Array.isArray(remove)) throw invalidWrite(['remove'], `found ${describeFound(remove)} where an array of names belongs`);
  return remove;
};

const checkAttribute = (name: string, path: ValuePath, { key, attributes: { epoch, hash } }: Plan): void => {
  checkName(name, path);
  if (name === epoch) throw invalidWrite(path, 'the toolkit alone writes this attribute. Leave it out, or choose another name with `oplock: { epochAttribute }`');
  if (name === hash) throw invalidWrite(path, 'the toolkit alone writes this attribute. Leave it out, or choose another name with `oplock: { hashAttribute }`');
  if (Object.hasOwn(key, name)) throw invalidWrite(path, 'this is an attribute of the key, which cannot be changed. Leave it out here');
};

/** Many mappings set `timestamp: event.timestamp` themselves; any other value there would break the order of events. */
const isPlannedAlready = (name: string, value: unknown, path: ValuePath, { oplock, attributes }: Plan): boolean => {
  if (name !== attributes.oplock && name !== attributes.tie) return false;
  if (equalValues(value, name === attributes.oplock ? oplock.at : oplock.tie)) return true;
  const option = name === attributes.oplock ? 'attribute' : 'tieAttribute';
  throw invalidWrite(path, `this attribute holds the oplock of the event, found ${describeFound(value)}. Leave it out, or choose another name with \`oplock: { ${option} }\``);
};

const checkTombstoneAttribute = (name: string, path: ValuePath, { attributes }: Plan): void => {
  if (name === attributes.deleted || name === attributes.ttl) throw invalidWrite(path, 'the tombstone sets this attribute itself (see `keepForDays`). Leave it out');
};
