import type { Event } from '../../event';
import type { Settled } from '../../settled';
import type { TableKey } from '../engines/table-key';
import type { TableDiff } from '../table/diff';
import { inOrder, takingPart, type History } from './history';
import type { KnownRecord } from './records';
import type { Run } from './run';
import type { SentCommand } from '../troubles/troubled-client';
import { recordName } from './words';
import { writesOf, type SeenWrite } from './writes';

/** A record of the failing history, and what it asks for when it comes alone. */
export interface RecordFacts {
  /** In words. */
  readonly name: string;
  readonly events: readonly Event[];
  readonly writes: readonly SeenWrite[];
}

/** Two records that write one item of those that differ. */
export interface PairFacts {
  readonly item: string;
  readonly earlier: RecordFacts;
  readonly later: RecordFacts;
  /** Was a write of the one that came second refused by the oplock? */
  readonly refused: { readonly laterAfterEarlier: boolean; readonly earlierAfterLater: boolean };
  /** A write that another condition than the oplock refused, in one of both orders. */
  readonly conflict?: { readonly record: RecordFacts; readonly other: RecordFacts; readonly cameFirst: boolean; readonly reason: string };
}

/** All that is known of a failure: causes are read off it, without another look at the table. */
export interface Facts {
  readonly records: readonly RecordFacts[];
  readonly pairs: readonly PairFacts[];
  readonly diff: TableDiff;
  /** Keys of the items that differ. */
  readonly items: readonly string[];
  /** Are the times of all events whole seconds? */
  readonly wholeSeconds: boolean;
}

/** Enough to see a pattern, however large the history: pairs grow with the square of it. */
const MAX_RECORDS = 12;

const REFUSALS: readonly string[] = ['stale', 'duplicate', 'tombstoned', 'narrowed'];

const wasRefused = ({ parts }: Settled): boolean => parts.some(({ outcome }) => REFUSALS.includes(outcome.kind));

/** What the first and the second record of a run ended in. */
const endsOf = (settled: readonly Settled[], first: RecordFacts): readonly (readonly Settled[])[] =>
  [settled.slice(0, first.events.length), settled.slice(first.events.length)];

const conflictIn = (ends: readonly (readonly Settled[])[], first: RecordFacts, second: RecordFacts): PairFacts['conflict'] => {
  for (const [at, settled] of ends.entries()) {
    const conflict = settled.flatMap(({ parts }) => parts).map(({ outcome }) => outcome).find(({ kind }) => kind === 'conflict');
    if (conflict?.kind !== 'conflict') continue;
    const cameFirst = at === 0;
    return { record: cameFirst ? first : second, other: cameFirst ? second : first, cameFirst, reason: conflict.reason };
  }
  return undefined;
};

/** Plays the records of the history alone and in pairs, to learn what they write and which of them refuses which. */
export const gatherFacts = async (
  history: History, diff: TableDiff,
  { records, key, play }: { readonly records: readonly KnownRecord[]; readonly key: TableKey; readonly play: (history: History) => Promise<Run> },
): Promise<Facts> => {
  const items = [...diff.missing, ...diff.unexpected, ...diff.differing.map((one) => one.key)];
  const writesAlone = async (i: number): Promise<readonly SeenWrite[]> => distinct((await play(inOrder([i]))).sent.flatMap((command: SentCommand) => writesOf(command, key)));
  const known: (RecordFacts & { readonly at: number })[] = [];
  for (const at of takingPart(history).slice(0, MAX_RECORDS)) {
    const events = records[at]?.events ?? [];
    const writes = (await writesAlone(at)).filter(({ item }) => items.includes(item));
    if (writes.length > 0) known.push({ at, events, writes, name: recordName({ events }) });
  }
  const pairs: PairFacts[] = [];
  for (const [i, earlier] of known.entries()) {
    for (const later of known.slice(i + 1)) {
      const shared = items.filter((item) => [earlier, later].every(({ writes }) => writes.some((write) => write.item === item)));
      if (shared.length === 0) continue;
      const inTurn = endsOf((await play(inOrder([earlier.at, later.at]))).settled, earlier);
      const swapped = endsOf((await play(inOrder([later.at, earlier.at]))).settled, later);
      const refused = { laterAfterEarlier: (inTurn[1] ?? []).some(wasRefused), earlierAfterLater: (swapped[1] ?? []).some(wasRefused) };
      const conflict = conflictIn(swapped, later, earlier) ?? conflictIn(inTurn, earlier, later);
      pairs.push(...shared.map((item) => ({ item, earlier, later, refused, ...(conflict && { conflict }) })));
    }
  }
  const times = records.flatMap(({ events }) => events.map(({ timestamp }) => timestamp));
  return { records: known, pairs, diff, items, wholeSeconds: times.every((time) => time % 1000 === 0) };
};

const distinct = (writes: readonly SeenWrite[]): readonly SeenWrite[] => [...new Map(writes.map((write) => [JSON.stringify(write), write])).values()];

/** The attributes of the item that differ; none when the item as a whole is missing or too much. */
export const differingAttributes = ({ diff }: Facts, item: string): readonly string[] =>
  diff.differing.filter(({ key }) => key === item).flatMap(({ attributes }) => attributes.map(({ name }) => name));

export const writesTo = ({ writes }: RecordFacts, item: string): readonly SeenWrite[] => writes.filter((write) => write.item === item);
