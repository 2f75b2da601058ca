import { unmarshall } from '@aws-sdk/util-dynamodb';

/** A row in plain values. */
export type Image = Readonly<Record<string, unknown>>;

/** When something was committed, on one clock for all: exactly, or within a window. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** One committed change of one row. */
export interface Change {
  /** The lock's name; with a sort key, both. */
  readonly id: string;
  readonly old: Image | undefined;
  readonly now: Image | undefined;
  readonly at?: Window | undefined;
  /** Owner name of the client that asked for it, where that is known. */
  readonly by?: string | undefined;
}

/** The author of what is done by hand. */
export const OPERATOR = 'operator';

/** What must never be, and was. `invariant` is the number of LOCKS 5.1. */
export interface Violation {
  readonly invariant: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8';
  readonly id: string;
  readonly problem: string;
}

export interface KeyNames {
  readonly partition: string;
  readonly sort?: string | undefined;
}

export const idOf = (row: Image, { partition, sort }: KeyNames): string =>
  (sort === undefined ? String(row[partition]) : JSON.stringify([row[partition], row[sort]]));

/** The part of a record of DynamoDB Streams that tells of a change; in the order of the stream. */
export interface StreamRecord {
  readonly dynamodb?: { readonly OldImage?: object | undefined; readonly NewImage?: object | undefined } | undefined;
}

/**
 * The changes that a stream with NEW_AND_OLD_IMAGES has recorded. A stream tells the time in seconds, which is too coarse:
 * `windowOf` tells when the client that wrote a version, or deleted a row that had it, had asked for it and was answered.
 */
export const changesOf = (records: readonly StreamRecord[], key: KeyNames, windowOf: (rvn: unknown, gone: boolean) => Window | undefined = () => undefined): Change[] =>
  records.flatMap(({ dynamodb: { OldImage, NewImage } = {} }) => {
    const [old, now] = [OldImage, NewImage].map((image) => image && (unmarshall(image as never) as Image));
    const some = now ?? old;
    return some ? [{ id: idOf(some, key), old, now, at: windowOf(some.recordVersionNumber, !now) }] : [];
  });

/** The changes of each row, in order. */
export const byRow = (changes: readonly Change[]): ReadonlyMap<string, readonly Change[]> => {
  const rows = new Map<string, Change[]>();
  for (const change of changes) {
    const found = rows.get(change.id);
    if (found) found.push(change);
    else rows.set(change.id, [change]);
  }
  return rows;
};
