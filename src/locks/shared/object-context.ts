import type { CallOptions } from '../table/call';
import type { Row } from '../table/request';
import { backend, type Context } from './context';
import { keyOf } from './layout';
import type { Writing } from './requests';
import { parseRow, type ObjectRow } from './row';
import type { Lifetime } from './types';
import type { Watch } from './watch';

/** What the methods of one set of objects have in common. */
export interface ObjectContext extends Context {
  readonly prefix: string;
  readonly watch: Watch;
  readonly poll: { readonly minMs: number; readonly maxMs: number };
  readonly maxBytes: number;
  readonly defaults: Lifetime & { readonly leaseMs: number; readonly maxComputeMs: number | undefined; readonly waitMs: number; readonly retryAfterMs: number };
}

export const writing = ({ layout, newId, clock }: Context, key: string): Writing => ({ layout, key, version: newId(), wall: clock.wall() });

export const parse = (key: string, row: Row | undefined): ObjectRow | undefined => (row ? parseRow(key, row) : undefined);

/** @throws LockBackendError, SharedRowError */
export const readObject = async ({ table, layout }: Context, key: string, options: CallOptions = {}): Promise<ObjectRow | undefined> => {
  const answer = await table.read(keyOf(layout, key), options);
  if (answer.kind === 'failed') throw backend(key, 'reading', answer);
  return parse(key, answer.item);
};
