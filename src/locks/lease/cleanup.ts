import { collectAt } from './collect';
import { onReleaseOf } from './leases';
import { deleteRequest, keepRequest, type Identity } from './requests';
import { keyOf, readRow } from './row';
import type { Taking, Wanted } from './take';
import type { TryAcquireOptions } from './types';

/**
 * Writes of an acquisition that was given up may have arrived, or may still: a row that nobody believes in would block others
 * for a lease. One look, and it is given back; what arrives later runs out by itself. Never rejects.
 */
export const giveBack = async ({ settings }: Taking, wanted: Wanted, leftovers: readonly string[], keep: Pick<TryAcquireOptions, 'onRelease'>): Promise<void> => {
  const { table, schema, newId, ttl } = settings;
  const answer = await table.read(keyOf(schema, wanted.name));
  const read = answer.kind === 'done' && answer.item ? readRow(answer.item, schema) : undefined;
  if (read?.kind !== 'lock' || read.row.released || !leftovers.includes(read.row.rvn)) return;
  const identity: Identity = { schema, name: wanted.name, ownerName: wanted.ownerName, acquisitionId: wanted.acquisitionId, ttlName: ttl?.attributeName };
  const { rvn, fencingToken } = read.row;
  await table.write(onReleaseOf(settings, keep, fencingToken) === 'delete'
    ? deleteRequest(identity, rvn)
    : keepRequest(identity, rvn, { rvn: newId(), ttl: collectAt(settings, fencingToken) }));
};
