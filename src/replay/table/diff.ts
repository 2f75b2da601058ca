import { compareBytes } from '../../oplock/order';
import { keyAttributes, type TableKey } from '../engines/table-key';
import type { Plain, PlainItem } from './plain';

/** How a table differs from the one expected. Keys are texts: `pk=a sk=thing`. */
export interface TableDiff {
  readonly equal: boolean;
  /** Expected and not there. */
  readonly missing: readonly string[];
  /** There and not expected. */
  readonly unexpected: readonly string[];
  readonly differing: readonly ItemDiff[];
}

export interface ItemDiff {
  readonly key: string;
  /** `undefined`: the attribute is absent on that side. */
  readonly attributes: readonly { readonly name: string; readonly actual?: Plain; readonly expected?: Plain }[];
}

const text = (value: Plain): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(text).join(',')}]`;
  const map = value as Readonly<Record<string, Plain>>;
  return `{${Object.keys(map).sort(compareBytes).map((name) => `${JSON.stringify(name)}:${text(map[name] as Plain)}`).join(',')}}`;
};

const own = (item: PlainItem, name: string): Plain | undefined => (Object.hasOwn(item, name) ? item[name] : undefined);

export const keyText = (item: PlainItem, key: TableKey): string =>
  keyAttributes(key).map(({ name }) => `${name}=${own(item, name) === undefined ? '(absent)' : text(own(item, name) as Plain)}`).join(' ');

/** By key. A file may have what no table can: the second item of one key is told from the first by its place. */
const byKey = (items: readonly PlainItem[], key: TableKey): ReadonlyMap<string, PlainItem> => {
  const found = new Map<string, PlainItem>();
  items.forEach((item, at) => {
    const name = keyText(item, key);
    found.set(found.has(name) ? `${name} (once more, as item ${at + 1})` : name, item);
  });
  return found;
};

/** What differs between two states of an item, attribute by attribute. */
export const diffItems = (actual: PlainItem, expected: PlainItem): ItemDiff['attributes'] => {
  const names = [...new Set([...Object.keys(actual), ...Object.keys(expected)])].sort(compareBytes);
  return names.flatMap((name) => {
    const [is, should] = [own(actual, name), own(expected, name)];
    if (is !== undefined && should !== undefined && text(is) === text(should)) return [];
    return [{ name, ...(is === undefined ? {} : { actual: is }), ...(should === undefined ? {} : { expected: should }) }];
  });
};

/** Compares plain items by key, whatever their order and that of their attributes. */
export const diffTables = (actual: readonly PlainItem[], expected: readonly PlainItem[], key: TableKey): TableDiff => {
  const [is, should] = [byKey(actual, key), byKey(expected, key)];
  const missing = [...should.keys()].filter((one) => !is.has(one));
  const unexpected = [...is.keys()].filter((one) => !should.has(one));
  const differing = [...should].flatMap(([one, item]) => {
    const found = is.get(one);
    const attributes = found ? diffItems(found, item) : [];
    return attributes.length === 0 ? [] : [{ key: one, attributes }];
  });
  return { equal: missing.length + unexpected.length + differing.length === 0, missing, unexpected, differing };
};

/** A value of an item as text, cut where it is long. */
export const shown = (value: Plain | undefined): string => {
  if (value === undefined) return '(absent)';
  const full = text(value);
  return full.length > 120 ? `${full.slice(0, 117)}...` : full;
};

/** The difference for people: `-` is what was expected, `+` what is there. At most `limit` items of each kind. */
export const renderDiff = (diff: TableDiff, limit = 10): string => {
  if (diff.equal) return 'The table is as expected.';
  const section = (title: string, all: readonly string[]): string[] => all.length === 0
    ? []
    : [`${title}: ${all.length}`, ...all.slice(0, limit), ...(all.length > limit ? [`  ... and ${all.length - limit} more`] : [])];
  return [
    ...section('missing items (expected, not in the table)', diff.missing.map((key) => `- ${key}`)),
    ...section('unexpected items (in the table, not expected)', diff.unexpected.map((key) => `+ ${key}`)),
    ...section('differing items', diff.differing.map(({ key, attributes }) => [
      `  ${key}`,
      ...attributes.flatMap(({ name, actual, expected }) => [`    - ${JSON.stringify(name)}: ${shown(expected)}`, `    + ${JSON.stringify(name)}: ${shown(actual)}`]),
    ].join('\n'))),
  ].join('\n');
};
