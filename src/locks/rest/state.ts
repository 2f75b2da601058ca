import { describeError } from '../../error-text';
import { brokenOf, remainingOf } from '../lease/break';
import { keyOf, readRow, type LockRow } from '../lease/row';
import type { Row } from '../table/request';
import { lockNameOf, type RestContext } from './context';
import { problem, RestRefusal } from './problem';
import type { RestResponse } from './http';
import type { LockState, RestHolder } from './types';

/** A row that nothing here may write over. */
export const damaged = ({ logger }: RestContext, name: string, what: string): RestRefusal => {
  logger.error('oplock-stream: a row is no lock', { name, problem: what });
  return new RestRefusal('LOCK_ROW_INVALID', 'the row of this lock is none, or is damaged. An operator has to look at it');
};

/** The row of a lock. Throws 500 for one that is none. */
export const rowOf = (context: RestContext, name: string, item: Row): LockRow => {
  const read = readRow(item, context.schema);
  if (read.kind === 'lock') return read.row;
  throw damaged(context, name, read.problem);
};

/** Ms until the lease is over if nobody renews it: the row's lease, less what this node has watched of it. */
export const remainingMs = ({ observations, clock }: RestContext, name: string, row: LockRow, how: 'see' | 'glance' = 'see'): number => {
  const now = clock.monotonic();
  return remainingOf(row, observations[how](name, row, now), now);
};

export const holderOf = ({ ownerName, leaseMs }: LockRow): RestHolder => {
  const broken = brokenOf(ownerName);
  return { owner: broken?.owner ?? ownerName, leaseMs, breaking: broken !== undefined };
};

const textOf = (data: Uint8Array | undefined): string | undefined => {
  try {
    return data && new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    return undefined; // another client's bytes
  }
};

export const stateOf = (context: RestContext, name: string, row: LockRow, how?: 'see' | 'glance'): LockState => {
  const data = textOf(row.data);
  return {
    name,
    ...holderOf(row),
    remainingMs: remainingMs(context, name, row, how),
    version: row.rvn,
    ...(row.fencingToken === undefined ? {} : { fencingToken: row.fencingToken }),
    ...(data === undefined ? {} : { data }),
  };
};

/** A consistent read. Throws 503, 500. */
export const readRowOf = async (context: RestContext, name: string): Promise<LockRow | undefined> => {
  const answer = await context.table.read(keyOf(context.schema, lockNameOf(context, name)));
  if (answer.kind === 'failed') throw unavailable(context, name, answer.error, answer.permanent);
  return answer.item && rowOf(context, name, answer.item);
};

/** The row of a lock that somebody holds. */
export const readHeld = async (context: RestContext, name: string): Promise<LockRow | undefined> => {
  const row = await readRowOf(context, name);
  return row?.released === false ? row : undefined;
};

/** No answer from the table, or an error of it: for all that is known, what was asked has happened. */
export const unavailable = ({ logger }: RestContext, name: string, error: unknown, permanent: boolean): RestRefusal => {
  logger.error('oplock-stream: the table of the locks did not answer as it should', { name, permanent, error: describeError(error) });
  return permanent
    ? new RestRefusal('INTERNAL', 'the service cannot use its table')
    : new RestRefusal('UNAVAILABLE', 'what came of it is not known. Send the same request again, with the same Idempotency-Key', { retryAfterMs: 1_000 });
};

export const lockFree = (): RestResponse => problem('LOCK_FREE', 'nobody holds this lock');
