import type { Phase } from '../../../src/sinks/dynamodb/batch/phase';
import type { Table } from './table';
import type { Write } from './write';

export interface Tally {
  applied: number;
  superseded: number;
  stale: number;
  duplicate: number;
  /** Write units, all of them. */
  units: number;
  /** Of these, of writes that were refused because of what is stored. */
  refusedUnits: number;
  /** Of these, of statements that expected an item where there was none, or none where there was one. */
  needlessUnits: number;
  requests: number;
}

export const createTally = (): Tally => ({ applied: 0, superseded: 0, stale: 0, duplicate: 0, units: 0, refusedUnits: 0, needlessUnits: 0, requests: 0 });

export const addTally = (sum: Tally, more: Tally): void => {
  for (const name of Object.keys(sum) as (keyof Tally)[]) sum[name] += more[name];
};

/** What a table says to an attempt: nothing is left to be done, or the write as it is now, or try the other statement. */
export type Answer = { readonly kind: 'done' } | { readonly kind: 'rest'; readonly write: Write } | { readonly kind: 'missing' } | { readonly kind: 'exists' };

const DONE: Answer = { kind: 'done' };

const countDistinct = (sorted: readonly number[]): number => sorted.reduce((count, oplock, i) => count + (oplock === sorted[i - 1] ? 0 : 1), 0);

/** One conditional write. `units`: what a write of the item costs. */
export const attempt = (table: Table, write: Write, phase: Phase, isPartial: boolean, units: number, tally: Tally): Answer => {
  const { key, oplocks } = write;
  const stored = table[key] as number;
  const isThere = !Number.isNaN(stored);
  if (phase === 'update' && !isThere) {
    tally.units += 1;
    tally.needlessUnits += 1;
    return { kind: 'missing' };
  }
  tally.units += units;
  if (phase === 'insert' && isThere) {
    tally.needlessUnits += units;
    return { kind: 'exists' };
  }
  const newest = oplocks[oplocks.length - 1] as number;
  // Parts of the state go together only if all of them are newer; of whole states the newest is enough.
  const guard = isPartial ? oplocks[0] as number : newest;
  if (!isThere || guard > stored) {
    table[key] = newest;
    const events = countDistinct(oplocks);
    tally.applied += 1;
    tally.superseded += events - 1;
    tally.duplicate += oplocks.length - events;
    return DONE;
  }
  tally.refusedUnits += units;
  const rest = oplocks.filter((oplock) => oplock > stored);
  for (const oplock of oplocks) if (oplock <= stored) tally[oplock === stored ? 'duplicate' : 'stale'] += 1;
  return rest.length === 0 ? DONE : { kind: 'rest', write: { ...write, oplocks: rest } };
};
