import { isDeepStrictEqual } from 'node:util';

type Row = Readonly<Record<string, unknown>>;

/** What the view must show of a row of the source. */
const expectedRow = ({ show, seat, price, status, customer, timestamp, deleted }: Row): Row =>
  deleted === true
    ? { pk: show, sk: seat, timestamp, deleted }
    : { pk: show, sk: seat, timestamp, price, status, ...(customer !== undefined && { customer }) };

/** The view's row without what belongs to it alone. */
const plainRow = ({ oplockTie: _tie, ttl: _ttl, ...row }: Row): Row => row;

/** The differences between the source and what came out at the other end of the pipeline, in words. None: they are equal. */
export const compareTables = (source: readonly Row[], view: readonly Row[]): readonly string[] => {
  const keyOf = ({ pk, sk }: Row): string => `${String(pk)}.${String(sk)}`;
  const wanted = new Map(source.map(expectedRow).map((row) => [keyOf(row), row]));
  const found = new Map(view.map(plainRow).map((row) => [keyOf(row), row]));
  const differences: string[] = [];
  for (const [key, row] of wanted) {
    const there = found.get(key);
    if (!there) differences.push(`${key} is not in the view`);
    else if (!isDeepStrictEqual({ ...there }, { ...row })) differences.push(`${key}: the view has ${JSON.stringify(there)}, the source ${JSON.stringify(row)}`);
  }
  for (const key of found.keys()) if (!wanted.has(key)) differences.push(`${key} is only in the view`);
  return differences;
};

/** Whether each accepted command is in the table exactly once, and nothing else is. */
export const checkCommands = (source: readonly Row[], accepted: readonly string[], refused: readonly string[]): readonly string[] => {
  const times = new Map<string, number>();
  for (const { notes } of source) for (const id of (notes as readonly string[] | undefined) ?? []) times.set(id, (times.get(id) ?? 0) + 1);
  const wrong: string[] = [];
  for (const id of accepted) if (times.get(id) !== 1) wrong.push(`command ${id} was accepted and is in the table ${times.get(id) ?? 0} times`);
  for (const id of refused) if (times.has(id)) wrong.push(`command ${id} was refused and is in the table`);
  if (times.size !== accepted.length) wrong.push(`${times.size} commands are in the table, ${accepted.length} were accepted`);
  return wrong;
};

/** A record of the table's stream: what is looked at. */
export interface Change {
  readonly dynamodb?: { readonly Keys?: { readonly pk?: { readonly S?: string } }; readonly NewImage?: { readonly timestamp?: { readonly N?: string } } };
}

/** A record in Kinesis. */
export interface Published {
  readonly kinesis: { readonly data: string };
}

/**
 * Whether each change of the table was published, first in its order, and nothing else was; and whether all that
 * clients have seen (`opera.A1 1700000000000`) was there. The view alone would not show it: the next event hides one that is lost.
 */
export const checkEvents = (changes: readonly Change[], published: readonly Published[], seen: Iterable<string>): readonly string[] => {
  const wanted = changes.map(({ dynamodb }) => `${dynamodb?.Keys?.pk?.S} ${dynamodb?.NewImage?.timestamp?.N}`);
  const found = published.map(({ kinesis }) => {
    const { partitionKey, timestamp } = JSON.parse(Buffer.from(kinesis.data, 'base64').toString()) as { partitionKey: string; timestamp: number };
    return `${partitionKey} ${timestamp}`;
  });
  const [all, made] = [new Set(found), new Set(wanted)];
  const wrong = [
    ...[...made].filter((one) => !all.has(one)).map((one) => `${one} was never published`),
    ...[...all].filter((one) => !made.has(one)).map((one) => `${one} was published and is no change`),
    ...[...seen].filter((one) => !made.has(one)).map((one) => `${one} was the ETag of an answer, and the seat never had it`),
  ];
  const latest = new Map<string, number>();
  for (const one of all) { // a Set keeps the order of the first ones
    const [seat = '', time] = one.split(' ');
    if (Number(time) < (latest.get(seat) ?? 0)) wrong.push(`${one} was published behind a later one`);
    latest.set(seat, Number(time));
  }
  return wrong;
};

/** Outcomes that nothing in this run gives a reason for. */
const UNEXPECTED = ['unchanged', 'filtered', 'future', 'fault'];

/** Whether a function accounts for each of the records that it was given, and dropped none of its own will. */
export const checkOutcomes = (name: string, outcomes: Readonly<Record<string, number>> = {}, records: number): readonly string[] => {
  const settled = Object.entries(outcomes).reduce((sum, [kind, count]) => (kind === 'retry' ? sum : sum + count), 0);
  return [
    ...(settled < records ? [`${name} accounts for ${settled} of ${records} records`] : []),
    ...UNEXPECTED.flatMap((kind) => (outcomes[kind] ? [`${name} says ${kind} of ${outcomes[kind]} records`] : [])),
  ];
};
