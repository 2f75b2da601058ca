import { OplockStreamError } from '../../errors';
import { describeFound, isObject, quote } from '../../found';
import type { Place } from '../attempt/requirement';
import { attributesOf, type OplockOptions } from '../options';
import { isAttributeName, MAX_INDEXED_NAME_BYTES } from '../value/attribute-name';
import { REST } from './options';

/** Where an item with groups keeps its oplocks, and which attribute belongs to which. */
export interface GroupLayout {
  readonly groups: readonly Group[];
  /** Of all attributes that are in no group: the item's own oplock. */
  readonly rest: Place;
  /** Of the newest delete. It stays when the item comes back, for older events of every group. */
  readonly deletion: Place;
  readonly deleted: string;
  readonly ttl: string;
  /** By attribute; what is not in here belongs to the rest. */
  readonly groupOf: ReadonlyMap<string, Group>;
  /** Attributes that writes keep for themselves. */
  readonly managed: ReadonlySet<string>;
}

export interface Group extends Place {
  readonly attributes: readonly string[];
}

/** DynamoDB takes 300 operators in an expression, and 8 are needed for a group. */
const MAX_GROUPS = 20;

/**
 * The layout that the options ask for; `undefined` without groups.
 *
 * @throws OplockStreamError `INVALID_OPTION` for a group without attributes, an attribute in two groups, and names that
 *   are none or that are used twice
 */
export const layoutOf = (options: OplockOptions = {}): GroupLayout | undefined => {
  if (options.groups === undefined) return undefined;
  const { oplock, tie, deleted, ttl, epoch } = attributesOf(options);
  const groups = groupsOf(options.groups, oplock, tie);
  const rest = { name: REST, oplock, tie };
  const deletion = {
    name: 'the newest delete',
    oplock: options.deletionAttribute ?? `${oplock}_${deleted}`,
    tie: options.deletionTieAttribute ?? `${tie}_${deleted}`,
  };
  const managed = [deleted, ttl, ...(epoch === undefined ? [] : [epoch]), ...[rest, deletion, ...groups].flatMap((place) => [place.oplock, place.tie])];
  for (const name of managed) checkName(name, 'an attribute for oplocks');
  const twice = managed.find((name, i) => managed.indexOf(name) !== i);
  if (twice !== undefined) {
    throw invalid(`the attribute ${quote(twice)} would hold two things (oplocks, ties, deleted, ttl, epoch need a name each): rename the group, or say \`{ attributes, attribute, tieAttribute }\``);
  }
  return { groups, rest, deletion, deleted, ttl, groupOf: owners(groups, new Set(managed)), managed: new Set(managed) };
};

const groupsOf = (groups: unknown, oplock: string, tie: string): readonly Group[] => {
  const entries = isObject(groups) ? Object.entries(groups) : [];
  if (entries.length < 1 || entries.length > MAX_GROUPS) {
    throw invalid(`found ${isObject(groups) ? `${entries.length} groups` : describeFound(groups)} where 1 to ${MAX_GROUPS} of them belong, \`{ profile: ['name', 'email'] }\``);
  }
  return entries.map(([name, group]) => {
    checkName(name, 'a group');
    if (name === REST) throw invalid(`the name ${quote(REST)} stands for the attributes in no group: give the group another`);
    const { attributes, attribute = `${oplock}_${name}`, tieAttribute = `${tie}_${name}` } = (isObject(group) ? group : { attributes: group }) as Record<string, unknown>;
    if (!Array.isArray(attributes) || attributes.length === 0) {
      throw invalid(`group ${quote(name)}: found ${Array.isArray(attributes) ? 'no attributes' : describeFound(attributes)} where the names of its attributes belong`);
    }
    return { name, attributes: [...(attributes as readonly string[])], oplock: attribute as string, tie: tieAttribute as string };
  });
};

const owners = (groups: readonly Group[], managed: ReadonlySet<string>): ReadonlyMap<string, Group> => {
  const groupOf = new Map<string, Group>();
  for (const group of groups) {
    for (const attribute of group.attributes) {
      checkName(attribute, `group ${quote(group.name)}: an attribute`);
      if (managed.has(attribute)) throw invalid(`group ${quote(group.name)}: ${quote(attribute)} is kept by the toolkit itself, and cannot be in a group`);
      const other = groupOf.get(attribute);
      if (other) throw invalid(`the attribute ${quote(attribute)} is twice in groups (${quote(other.name)}, ${quote(group.name)}): it can have one oplock only`);
      groupOf.set(attribute, group);
    }
  }
  return groupOf;
};

const checkName = (name: unknown, what: string): void => {
  if (isAttributeName(name)) return;
  throw invalid(`${what}: found ${describeFound(name)} where a name of 1 to ${MAX_INDEXED_NAME_BYTES} bytes belongs`);
};

const invalid = (message: string): OplockStreamError => new OplockStreamError('INVALID_OPTION', `oplock groups: ${message}`);
