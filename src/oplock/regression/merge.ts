import type { Place } from '../attempt/requirement';
import { attributesIn, compareStamps, stampOf, type Row, type Rows, type Stamp } from './rows';

/** What it takes to bring a row to the newest of what it is and what it was. */
export interface Merge {
  /** The places whose oplock went backwards, with what it was. Without any there is nothing to do. */
  readonly lost: readonly { readonly place: Place; readonly was: Stamp; readonly is: Stamp | undefined }[];
  readonly set: Row;
  readonly remove: readonly string[];
}

/**
 * The newest of two states of a row: of each place the one with the newer oplock, without what the newer delete of both
 * deletes. It does not matter in which order states are merged, or how often: that is why regions that each mend what
 * they see end in one table.
 */
export const mergeRows = (was: Row, is: Row, key: Row, rows: Rows): Merge => (rows.layout ? mergeGroups(was, is, key, rows) : mergeWhole(was, is, key, rows));

/** A row that has no oplock any more is left alone: somebody took it away, to free the row. */
const mergeWhole = (was: Row, is: Row, key: Row, rows: Rows): Merge => {
  const { rest } = rows;
  const [before, now] = [stampOf(was, rest), stampOf(is, rest)];
  if (before === undefined || now === undefined || compareStamps(before, now) <= 0) return { lost: [], set: {}, remove: [] };
  return { lost: [{ place: rest, was: before, is: now }], ...restored(rest, was, is, key, rows) };
};

const mergeGroups = (was: Row, is: Row, key: Row, rows: Rows): Merge => {
  const { rest, layout, attributes: { deleted, ttl } } = rows;
  if (!layout) return { lost: [], set: {}, remove: [] };
  const { deletion, groups } = layout;
  const [deletedBefore, deletedNow] = [stampOf(was, deletion), stampOf(is, deletion)];
  const isDeleteLost = compareStamps(deletedBefore, deletedNow) > 0;
  const newestDelete = isDeleteLost ? deletedBefore : deletedNow;
  const lost: Merge['lost'][number][] = [];
  const set: Record<string, unknown> = {};
  const remove = new Set<string>();
  let isAlive = false;

  for (const place of [rest, ...groups]) {
    const [before, now] = [stampOf(was, place), stampOf(is, place)];
    if (before && compareStamps(before, now) > 0 && compareStamps(before, newestDelete) > 0) {
      isAlive = true;
      lost.push({ place, was: before, is: now });
      const part = restored(place, was, is, key, rows);
      Object.assign(set, part.set);
      for (const name of part.remove) remove.add(name);
    } else if (compareStamps(now, newestDelete) > 0) {
      isAlive = true;
    } else if (isDeleteLost) {
      for (const name of attributesIn(is, place, rows, key)) remove.add(name);
    }
  }
  if (deletedBefore && isDeleteLost) {
    lost.push({ place: deletion, was: deletedBefore, is: deletedNow });
    Object.assign(set, stamped(deletion, deletedBefore));
    // As the delete itself has it: it is what the rest's oplock says, where the rest is gone.
    if (!Object.hasOwn(set, rest.oplock) && compareStamps(stampOf(is, rest), deletedBefore) <= 0) Object.assign(set, stamped(rest, deletedBefore));
  }
  if (lost.length > 0) {
    for (const name of [deleted, ttl]) {
      if (!isAlive && Object.hasOwn(was, name)) set[name] = was[name];
      else if (Object.hasOwn(is, name)) remove.add(name);
    }
  }
  return { lost, set, remove: [...remove].filter((name) => !Object.hasOwn(set, name)) };
};

const stamped = ({ oplock, tie }: Place, stamp: Stamp): Row => ({ [oplock]: stamp.at, ...(stamp.tie !== undefined && { [tie]: stamp.tie }) });

/** All of a place as it was: what is there beside goes. */
const restored = (place: Place, was: Row, is: Row, key: Row, rows: Rows): { readonly set: Row; readonly remove: readonly string[] } => {
  const set = Object.fromEntries(attributesIn(was, place, rows, key).map((name) => [name, was[name]]));
  return { set, remove: attributesIn(is, place, rows, key).filter((name) => !Object.hasOwn(set, name)) };
};
