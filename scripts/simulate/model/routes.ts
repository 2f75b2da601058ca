/** Spreads keys evenly; a finalizer of 32-bit hashes. From 0 to 1. */
const spread = (key: number, salt: number): number => {
  let mixed = (key ^ salt) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
};

/**
 * Ranges of the hash, as a stream has them: twice the shards cut each in two. Within a shard all records of a key are in
 * one of the `factor` lanes, of which each has one invocation at a time.
 */
export const shardOf = (key: number, shards: number): number => Math.floor(spread(key, 0x2545f491) * shards);

export const laneOf = (key: number, shards: number, factor: number): number => shardOf(key, shards) * factor + Math.floor(spread(key, 0x1b873593) * factor);
