import type { Place } from '../attempt/requirement';
import { REST } from '../groups/options';
import { compareBytes } from '../order';
import type { OplockSettings } from '../settings';
import { compareValues } from '../value/compare';
import { memberOf } from '../value/type';

export type Row = Readonly<Record<string, unknown>>;

/** How the rows of a table carry their oplocks; without groups, all attributes are the rest. */
export type Rows = OplockSettings;

/** An oplock as it is stored; a row of a writer that knows no ties has none. */
export interface Stamp {
  readonly at: unknown;
  readonly tie: unknown;
}

export const stampOf = (row: Row, { oplock, tie }: Place): Stamp | undefined => {
  const at = memberOf(row, oplock);
  return at === undefined ? undefined : { at, tie: memberOf(row, tie) };
};

/** As DynamoDB compares them; 0 also for those that cannot be compared: nothing is done about these. */
export const compareStamps = (a: Stamp | undefined, b: Stamp | undefined): -1 | 0 | 1 => {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  const at = compareValues(a.at, b.at);
  return at === 0 && typeof a.tie === 'string' && typeof b.tie === 'string' ? compareBytes(a.tie, b.tie) : at ?? 0;
};

/** Where the oplocks of these rows are: of the rest first, then of the groups, then of the newest delete. */
export const placesOf = ({ rest, layout }: Rows): readonly Place[] => (layout ? [rest, ...layout.groups, layout.deletion] : [rest]);

/**
 * The names of a row's attributes that stand or fall with the oplock in a place, which is among them. Counters do not: what
 * is counted does not move it.
 */
export const attributesIn = (row: Row, { name, oplock, tie }: Place, { layout, counters }: Rows, key: Row): readonly string[] => {
  const belongs = (attribute: string): boolean => {
    if (attribute === oplock || attribute === tie) return true;
    if (counters?.managed.has(attribute)) return false;
    if (!layout) return true;
    return !layout.managed.has(attribute) && (layout.groupOf.get(attribute)?.name ?? REST) === name;
  };
  return Object.keys(row).filter((attribute) => !Object.hasOwn(key, attribute) && belongs(attribute));
};
