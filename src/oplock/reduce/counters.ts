import { OplockStreamError } from '../../errors';
import { describeFound, isObject, quote } from '../../found';
import { refuseUnknown } from '../check-options';
import type { GroupLayout } from '../groups/layout';
import { REST } from '../groups/options';
import { DEFAULT_KEEP_FOR_DAYS, MAX_DAYS, type OplockAttributes, type OplockOptions } from '../options';
import { isAttributeName, MAX_INDEXED_NAME_BYTES } from '../value/attribute-name';
import { choices } from './choices';
import type { DedupeItemReduction, SequenceReduction } from './options';

/** An attribute that events add to, and how it knows what it has counted. */
export type Counter = { readonly attribute: string } & (
  /** `marker`: the attribute that knows. */
  | { readonly by: 'sequence'; readonly marker: string; readonly sequence: SequenceReduction['sequence'] }
  | { readonly by: 'dedupeSet'; readonly marker: string }
  | { readonly by: 'dedupeItem'; readonly keepForDays: number; readonly key: DedupeItemReduction['key']; readonly tableName: string | undefined }
);

export interface Counters {
  readonly of: ReadonlyMap<string, Counter>;
  /** Counters and their markers: nothing else may write them. */
  readonly managed: ReadonlySet<string>;
}

const MAX_COUNTERS = 20;

/**
 * The counters that the options declare; `undefined` when there are none.
 *
 * @throws OplockStreamError `INVALID_OPTION` for an unknown reduction, for names that are none or that are used twice, and beside `epoch`
 */
export const countersOf = ({ reduce, epoch }: OplockOptions, attributes: OplockAttributes, layout: GroupLayout | undefined): Counters | undefined => {
  if (reduce === undefined) return undefined;
  if (!isObject(reduce)) throw invalid(`found ${describeFound(reduce)} where reductions by attribute belong, \`{ sold: 'dedupeSet' }\``);
  const counters = Object.entries(reduce).flatMap(([attribute, reduction]) => counterOf(attribute, reduction) ?? []);
  if (counters.length === 0) return undefined;
  if (counters.length > MAX_COUNTERS) throw invalid(`found ${counters.length} counters, at most ${MAX_COUNTERS} belong in one item`);
  if (epoch !== undefined) throw invalid('counters cannot go with `epoch`: the first event of a new one replaces the item whole, with all that was counted. Replay into a new table, or keep counters in items of their own and declare `epoch` in the rules of the others');
  const names = counters.flatMap((counter) => [counter.attribute, ...('marker' in counter ? [counter.marker] : [])]);
  const taken = new Set<string>([...(Object.values(attributes) as string[]), ...(layout ? [...layout.managed, ...layout.groupOf.keys()] : [])]);
  for (const [i, name] of names.entries()) {
    checkName(name);
    if (taken.has(name)) throw invalid(`${quote(name)} is an attribute of the oplock options or of a group, and cannot count. Give one of them another name`);
    if (names.indexOf(name) !== i) throw invalid(`the attribute ${quote(name)} would hold two things. Rename the counter, or say \`{ by, attribute }\``);
  }
  // Outcomes name both alike, and so does the planning.
  const group = counters.find(({ attribute }) => attribute === REST || layout?.groups.some(({ name }) => name === attribute));
  if (group) throw invalid(`${quote(group.attribute)} is the name of a group${group.attribute === REST ? ', that of the attributes in no group' : ''}, and cannot be that of a counter, too. Give one of them another name`);
  // The counters of an item share the rows.
  const longest = Math.max(...counters.map((counter) => ('keepForDays' in counter ? counter.keepForDays : 0)));
  const of = new Map(counters.map((counter) => [counter.attribute, counter.by === 'dedupeItem' ? { ...counter, keepForDays: longest } : counter]));
  return { of, managed: new Set(names) };
};

const counterOf = (attribute: string, reduction: unknown): Counter | undefined => {
  const given = (isObject(reduction) ? reduction : { by: reduction }) as Record<string, unknown>;
  const { by } = given;
  const known = (...names: string[]): void => refuseUnknown(`oplock reduce: ${quote(attribute)}`, given, ['by', ...names]);
  switch (by) {
    case 'lww': return undefined;
    case 'sequence': {
      known('sequence', 'attribute');
      const sequence = optionalFunction(attribute, 'sequence', given['sequence']) as SequenceReduction['sequence'];
      return { attribute, by, marker: markerOf(given, `${attribute}_sequence`), sequence };
    }
    case 'dedupeSet':
      known('attribute');
      return { attribute, by, marker: markerOf(given, `${attribute}_seen`) };
    case 'dedupeItem': {
      known('keepForDays', 'key', 'tableName');
      const { keepForDays = DEFAULT_KEEP_FOR_DAYS, tableName } = given;
      if (typeof keepForDays !== 'number' || !(keepForDays > 0 && keepForDays <= MAX_DAYS)) {
        throw invalid(`${quote(attribute)}: keepForDays: found ${describeFound(keepForDays)} where a number of days, up to ${MAX_DAYS}, belongs`);
      }
      if (tableName !== undefined && (typeof tableName !== 'string' || tableName === '')) {
        throw invalid(`${quote(attribute)}: tableName: found ${describeFound(tableName)} where a table's name belongs`);
      }
      return { attribute, by, keepForDays, key: optionalFunction(attribute, 'key', given['key']) as DedupeItemReduction['key'], tableName };
    }
    default: throw invalid(choices(`${quote(attribute)}: found ${describeFound(by)}, which is no reduction.`));
  }
};

const markerOf = ({ attribute }: Record<string, unknown>, standard: string): string => (attribute === undefined ? standard : attribute as string);

const optionalFunction = (attribute: string, name: string, value: unknown): unknown => {
  if (value === undefined || typeof value === 'function') return value;
  throw invalid(`${quote(attribute)}: ${name}: found ${describeFound(value)} where a function belongs`);
};

const checkName = (name: unknown): void => {
  if (isAttributeName(name)) return;
  throw invalid(`found ${describeFound(name)} where an attribute's name of 1 to ${MAX_INDEXED_NAME_BYTES} bytes belongs`);
};

const invalid = (message: string): OplockStreamError => new OplockStreamError('INVALID_OPTION', `oplock reduce: ${message}`);
