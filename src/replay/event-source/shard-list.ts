import type { Shard } from './stream-source';

/** A shard as both APIs list it. */
export interface ListedShard {
  readonly ShardId?: string | undefined;
  readonly ParentShardId?: string | undefined;
  /** Kinesis only: a shard merged of two has another one. */
  readonly AdjacentParentShardId?: string | undefined;
  readonly SequenceNumberRange?: { readonly EndingSequenceNumber?: string | undefined } | undefined;
}

export const toShards = (listed: readonly ListedShard[]): readonly Shard[] => listed.map((shard) => ({
  id: shard.ShardId ?? '',
  // Some servers say null.
  parents: [shard.ParentShardId, shard.AdjacentParentShardId].filter((id): id is string => typeof id === 'string'),
  closed: typeof shard.SequenceNumberRange?.EndingSequenceNumber === 'string',
}));

/**
 * The shards to start reading: not begun yet, and every parent read to its end. A parent that is not listed any more
 * has expired: nobody has to wait for it.
 */
export const startable = (shards: readonly Shard[], begun: ReadonlySet<string>, finished: ReadonlySet<string>): readonly Shard[] => {
  const listed = new Set(shards.map(({ id }) => id));
  return shards.filter(({ id, parents }) => !begun.has(id) && parents.every((parent) => finished.has(parent) || !listed.has(parent)));
};
