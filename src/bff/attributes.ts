/** Names of the attributes that the toolkit keeps on an item; a command that sets one of them is refused. */
export interface AttributeNames {
  /** The version, where it is not the timestamp. Default `version`. */
  readonly version: string;
  /** Epoch ms of the last write. Default `timestamp`. */
  readonly timestamp: string;
  /** Left by a listener's inverse oplock; removed, so that an event of the same time does not win. Default `oplockTie`. */
  readonly tie: string;
  /** Default `discriminator`. */
  readonly discriminator: string;
  /** `true` on what a listener wrote; removed, because a command's write is news. Default `latched`. */
  readonly latched: string;
  /** `true` on a removed item. Default `deleted`. */
  readonly deleted: string;
  /** DynamoDB's TTL, epoch seconds, on a removed item. Default `ttl`. */
  readonly ttl: string;
  /** Default `lastModifiedBy`. */
  readonly lastModifiedBy: string;
  /** Default `awsregion`. */
  readonly awsregion: string;
  /** The last commands, newest first: `[id, version, id, version, …]`. Default `recentCommands`. */
  readonly recentCommands: string;
}

export const DEFAULT_ATTRIBUTE_NAMES: AttributeNames = {
  version: 'version',
  timestamp: 'timestamp',
  tie: 'oplockTie',
  discriminator: 'discriminator',
  latched: 'latched',
  deleted: 'deleted',
  ttl: 'ttl',
  lastModifiedBy: 'lastModifiedBy',
  awsregion: 'awsregion',
  recentCommands: 'recentCommands',
};
