import type { TableKey } from '../engines/table-key';
import { diffTables, type TableDiff } from '../table/diff';
import { anotherTime } from './clock';
import { inOrder, type History } from './history';
import type { KnownRecord } from './records';
import type { Explanation } from './report';
import type { Run } from './run';
import { explanation } from './causes/cause';
import { code, list, recordName } from './words';

/** What a mapping makes of one event when it is asked twice. */
export interface Unsteady {
  readonly history: History;
  readonly diff: TableDiff;
  readonly explanation: Explanation;
}

interface Means {
  readonly records: readonly KnownRecord[];
  readonly key: TableKey;
  readonly play: (history: History, clock: number) => Promise<Run>;
  readonly clock: number;
}

/**
 * The same events in the same order, three times: twice at one time, once at another. Where the tables differ, no order
 * is to blame; looks for the one event that shows it.
 */
export const findUnsteady = async (means: Means): Promise<Unsteady | undefined> => {
  const { records, clock } = means;
  const all = records.map((_, i) => i);
  const cause = await compare(all, means, clock) ? 'chance' : await compare(all, means, anotherTime(clock)) ? 'clock' : undefined;
  if (!cause) return undefined;
  const other = cause === 'chance' ? clock : anotherTime(clock);
  for (const one of all) {
    const diff = await compare([one], means, other);
    if (diff) return unsteady(cause, [one], diff, means);
  }
  // Chance may spare an event that is asked alone.
  const diff = await compare(all, means, other);
  return diff && unsteady(cause, all, diff, means);
};

const compare = async (subset: readonly number[], { play, clock, key }: Means, other: number): Promise<TableDiff | undefined> => {
  const diff = diffTables((await play(inOrder(subset), other)).rows, (await play(inOrder(subset), clock)).rows, key);
  return diff.equal ? undefined : diff;
};

const unsteady = (cause: 'clock' | 'chance', subset: readonly number[], diff: TableDiff, { records }: Means): Unsteady => {
  const concerned = subset.flatMap((i) => records[i] ?? []);
  const items = [...diff.missing, ...diff.unexpected, ...diff.differing.map((one) => one.key)];
  const attributes = [...new Set(diff.differing.flatMap((one) => one.attributes.map(({ name }) => name)))];
  const what = attributes.length > 0 ? `${list(attributes.map(code))} of ${list(items.map(code))}` : list(items.map(code));
  const who = subset.length === 1 ? concerned.map(recordName).join('') : 'the events in order';
  const text = cause === 'clock'
    ? `The mapping of ${who} reads the clock: played at two times, into two empty tables, it leaves ${what} different. Take the time from the event: \`event.timestamp\`.`
    : `The mapping of ${who} is not a function of the event: played twice, into two empty tables, it leaves ${what} different. Chance, an id made on the spot, a counter in the module or a clock is in it. Take such values from the event, or name the attributes in \`ignore\`.`;
  return { history: inOrder(subset), diff, explanation: explanation(cause, text, { records: concerned, items, attributes }) };
};
