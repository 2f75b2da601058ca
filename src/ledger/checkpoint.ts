import type { Origin } from '../uow';

/**
 * Records of one shard are checkpointed together: Lambda goes back to the lowest sequence number that is reported
 * and delivers everything from there again.
 */
export const shardOf = ({ sourceScope, shard }: Origin): string => `${sourceScope}\u0000${shard}`;

/** Orders identifiers as the broker does: decimal numbers of any length; one that is missing comes first. */
export const compareIdentifiers = (a: string, b: string): number => {
  const x = a.replace(/^0+(?=\d)/, '');
  const y = b.replace(/^0+(?=\d)/, '');
  return x.length - y.length || (x < y ? -1 : x > y ? 1 : 0);
};

/** The lowest identifier of each shard. */
export const lowestByShard = (origins: Iterable<Origin>): Map<string, string> => {
  const lowest = new Map<string, string>();
  for (const origin of origins) {
    const shard = shardOf(origin);
    const known = lowest.get(shard);
    if (known === undefined || compareIdentifiers(origin.identifier, known) < 0) lowest.set(shard, origin.identifier);
  }
  return lowest;
};
