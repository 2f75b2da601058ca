import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { AttributeNames } from './attributes';
import type { CommandResult, Item, Key } from './result';
import type { TransactOptions, TransactResult, Participant } from './transaction';
import type { ExpectedOrAbsent, ExpectedPresent, Version, VersionStrategy } from './version';

export interface CommandsOptions {
  /** Default: a document client with sane timeouts, made at the first command. */
  readonly client?: DynamoDBDocumentClient;
  /** Default: the environment's ENTITY_TABLE_NAME or TABLE_NAME. */
  readonly tableName?: string;
  /** Default `timestamp`. */
  readonly version?: VersionStrategy;
  /** Written as `discriminator` on each item: what kind of item it is, the prefix of its change events. */
  readonly discriminator?: string;
  /** Epoch ms. */
  readonly now?: () => number;
  /** Names of the attributes that the toolkit keeps; see `AttributeNames` for the defaults. */
  readonly attributes?: Partial<AttributeNames>;
  /** How long a removed item stays, in days, before DynamoDB's TTL may delete it. Default 30. */
  readonly keepForDays?: number;
  /** How many commands an item remembers, to recognise one that comes again. Default 8, 1 to 32. */
  readonly rememberCommands?: number;
  /** Written as `awsregion`. Default: the environment's AWS_REGION; left out when there is none. */
  readonly region?: string;
}

export interface CommandOptions {
  /** Names the command, so that it is applied once however often it is sent. 1 to 128 characters. */
  readonly commandId?: string;
  /** Written as `lastModifiedBy`. */
  readonly by?: string;
  /** Stops before the next request; a request under way is aborted. */
  readonly signal?: AbortSignal;
}

export interface UpdateWithOptions extends CommandOptions {
  /** Writes tried before a conflict is the result. Default 8. */
  readonly attempts?: number;
  /** Epoch ms after which no attempt is begun, or a Lambda context, whose time less a second is taken. */
  readonly deadline?: number | { getRemainingTimeInMillis(): number };
}

/**
 * Changes of an item's attributes: `undefined` leaves an attribute as it is, `null` removes it, as does an empty Set;
 * anything else is set. Attributes of the key and those that the toolkit keeps are refused.
 */
export type Changes<T extends object> = { readonly [K in keyof T]?: T[K] | null | undefined };

/**
 * Commands on the items of one table, each guarded by the equality oplock: who has read an older version is told so.
 * All but `get` end in a {@link CommandResult}; `orThrow(await …)` makes an error of what was refused.
 */
export interface Commands<T extends object = Record<string, unknown>> {
  /** The item, read consistently; `undefined` when there is none or it is deleted. */
  get(key: Key, options?: { readonly consistent?: boolean; readonly includeDeleted?: boolean; readonly signal?: AbortSignal }): Promise<Item<T> | undefined>;
  /** Only when there is none. A deleted one is replaced. */
  create(key: Key, attributes: T, options?: CommandOptions): Promise<CommandResult<T>>;
  /** Only when the item has the expected version. */
  update(key: Key, changes: Changes<T>, options: CommandOptions & { readonly expected: ExpectedPresent }): Promise<CommandResult<T>>;
  /** Creates (`expected: ABSENT`) or updates (a version): a PUT whose precondition says which. */
  upsert(key: Key, attributes: Changes<T>, options: CommandOptions & { readonly expected: ExpectedOrAbsent }): Promise<CommandResult<T>>;
  /** Marks the item as deleted. Its oplock stays, so that nothing older brings it back. */
  remove(key: Key, options: CommandOptions & { readonly expected: ExpectedPresent }): Promise<CommandResult<T>>;
  /** Writes whatever the version is, creating the item when there is none; the version still moves on. For repair. */
  force(key: Key, changes: Changes<T>, options?: CommandOptions): Promise<CommandResult<T>>;
  /**
   * Read, change, write; again with what was found when somebody was faster. `change` must be pure: it may be called
   * several times. What it throws is thrown on; `undefined`, or changes that change nothing, end as `alreadyApplied`.
   */
  updateWith(key: Key, change: (current: Item<T>) => Changes<T> | undefined, options?: UpdateWithOptions): Promise<CommandResult<T>>;
  /** Several items, all or none. */
  transact(participants: readonly Participant[], options?: TransactOptions): Promise<TransactResult>;
  /** The version of an item that was read; `undefined` when it has none. */
  versionOf(item: object): Version | undefined;
  /** The strong ETag of an item that was read: its version in quotes. `undefined` when it has none. */
  etagOf(item: object): string | undefined;
  /** The caller's attributes only, for the body of a response: without the toolkit's own. */
  withoutManaged(item: Item<T>): T;
}
