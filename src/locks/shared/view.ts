import { isFresh } from './lifetime';
import type { ObjectRow } from './row';
import type { SharedView } from './types';
import { decode } from './value';

/** What may be done with an object: use it, wait for it, leave it, or reserve it. */
export type Standing =
  | { readonly kind: 'exists'; readonly row: ObjectRow }
  | { readonly kind: 'reserved'; readonly row: ObjectRow }
  | { readonly kind: 'failed'; readonly row: ObjectRow; readonly retryAfterMs: number }
  | { readonly kind: 'free'; readonly row: ObjectRow | undefined };

/** Only ends of values and of failures are compared with the wall clock, never whether a node lives. */
export const standingOf = (row: ObjectRow | undefined, wall: number): Standing => {
  switch (row?.state) {
    case 'RESERVED': return { kind: 'reserved', row };
    case 'READY': return isFresh(row, wall) ? { kind: 'exists', row } : { kind: 'free', row };
    case 'FAILED': return row.retryAtMs > wall ? { kind: 'failed', row, retryAfterMs: row.retryAtMs - wall } : { kind: 'free', row };
    case 'REMOVED':
    case undefined: return { kind: 'free', row };
  }
};

/** An earlier value, where there is one. */
export const staleOf = <V>(row: ObjectRow | undefined): { readonly stale?: V } => (row?.encoded ? { stale: decode(row.encoded) as V } : {});

/** The value that a method of the object starts from. */
export const currentOf = <V>(row: ObjectRow | undefined, wall: number): V | undefined => (row?.encoded && isFresh(row, wall) ? decode(row.encoded) as V : undefined);

export const viewOf = <V>(standing: Standing): SharedView<V> => {
  switch (standing.kind) {
    case 'exists': return { kind: 'exists', value: valueOf<V>(standing.row) };
    case 'reserved': return { kind: 'unavailable', reason: 'reserved', ...staleOf<V>(standing.row) };
    case 'failed': return { kind: 'unavailable', reason: 'failed', error: standing.row.error, retryAfterMs: standing.retryAfterMs, ...staleOf<V>(standing.row) };
    case 'free': return { kind: 'absent', ...staleOf<V>(standing.row) };
  }
};

/** A row that is READY has a value: it is not read otherwise. */
export const valueOf = <V>({ encoded }: ObjectRow): V => decode(encoded as NonNullable<ObjectRow['encoded']>) as V;
