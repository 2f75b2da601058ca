import { isUtf8 } from 'node:buffer';
import { isObject } from '../../found';
import type { LockName } from '../../locks';
import { printableJson } from '../../printable';
import type { LockEntry } from './lock-entry';
import { shown, shownShort } from './printable';

/** A longer text in a column is cut; `show` has the whole of it. */
const MAX_CELL = 80;
const MAX_VALUE = 2_000;

export const describeName = ({ key, sortKey }: LockName): string => (sortKey === undefined ? printableJson(key) : `${printableJson(key)} / ${printableJson(sortKey)}`);

export const duration = (ms: number): string => (ms < 1_000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`);

/** A broken lock can be expired, too. */
const stateText = ({ state, brokenBy }: LockEntry, show: (text: string) => string): string =>
  (brokenBy === undefined ? state : `${state === 'broken' ? '' : `${state}, `}broken by ${show(brokenBy)}`);

const widthOf = (cell: string): number => [...cell].length;

/** Each column as wide as its widest cell, the last one as it is. */
const align = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0]?.slice(0, -1).map((_cell, column) => rows.reduce((most, row) => Math.max(most, widthOf(row[column] ?? '')), 0)) ?? [];
  return rows.map((row) => row.map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell)))).join('  ')).join('\n');
};

/** Aligned columns; a sort key has one where the table has one. */
export const renderList = (entries: readonly LockEntry[], withSortKey: boolean): string => {
  const cell = (text: string): string => shownShort(text, MAX_CELL);
  return align([
    ['KEY', ...(withSortKey ? ['SORT KEY'] : []), 'OWNER', 'LEASE', 'TOKEN', 'STATE'],
    ...entries.map((entry) => [
      cell(entry.key), ...(withSortKey ? [cell(entry.sortKey ?? '')] : []), cell(entry.ownerName ?? ''), duration(entry.leaseMs ?? 0), String(entry.fencingToken ?? '-'),
      stateText(entry, cell),
    ]),
  ]);
};

const dataText = (base64: string): string => {
  const bytes = Buffer.from(base64, 'base64');
  return `${bytes.length} bytes: ${isUtf8(bytes) ? shownShort(bytes.toString('utf8'), MAX_VALUE) : `base64 ${shownShort(base64, MAX_VALUE)}`}`;
};

/** All that the row says, a line each. */
export const renderEntry = (entry: LockEntry): string => {
  const { key, sortKey, ownerName, leaseMs, fencingToken, recordVersionNumber, data, attributes } = entry;
  const line = (name: string, text: string | undefined): string[][] => (text === undefined ? [] : [[name, text]]);
  const json = (value: unknown): string => {
    const text = printableJson(value);
    return text.length <= MAX_VALUE ? text : `${text.slice(0, MAX_VALUE)}… (${text.length} characters)`;
  };
  return align([
    ...line('key', shown(key)),
    ...line('sort key', sortKey === undefined ? undefined : shown(sortKey)),
    ...line('state', stateText(entry, shown)),
    ...line('owner', ownerName === undefined ? undefined : shown(ownerName)),
    ...line('lease', leaseMs === undefined ? undefined : duration(leaseMs)),
    ...line('token', fencingToken === undefined ? undefined : String(fencingToken)),
    ...line('version', recordVersionNumber === undefined ? undefined : shown(recordVersionNumber)),
    ...line('data', typeof data === 'string' ? dataText(data) : undefined),
    ...(isObject(attributes) ? Object.entries(attributes).flatMap(([name, value]) => line(`attribute ${shownShort(name, MAX_CELL)}`, json(value))) : []),
  ]);
};

/** One line of a watch. */
export const renderChange = (at: string, entry: LockEntry): string => {
  const { state, ownerName, brokenBy, leaseMs, fencingToken } = entry;
  return [
    at, state.padEnd('released'.length),
    ...(ownerName === undefined ? [] : [shown(ownerName)]),
    ...(leaseMs === undefined ? [] : [`lease ${duration(leaseMs)}`]),
    ...(fencingToken === undefined ? [] : [`token ${fencingToken}`]),
    ...(brokenBy === undefined ? [] : [`broken by ${shown(brokenBy)}`]),
  ].join('  ').trimEnd();
};
