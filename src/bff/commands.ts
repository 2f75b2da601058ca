import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { AttributeNames } from './attributes';
import type { CommandDeadline } from './budget';
import type { CommandResult, CreateResult, Item, Key, UpdateResult } from './result';
import type { TransactOptions, TransactResult, Participant } from './transaction';
import type { Expected, ExpectedPresent, Version, VersionStrategy } from './version';

export interface CommandsOptions {
  /** Default: a document client with sane timeouts, made at the first command. */
  readonly client?: DynamoDBDocumentClient;
  /** Default: the environment's ENTITY_TABLE_NAME or TABLE_NAME. */
  readonly tableName?: string;
  /** Default `timestamp`. */
  readonly version?: VersionStrategy;
  /** Written as `discriminator` on each item: what kind of item it is, the prefix of its change events. */
  readonly discriminator?: string;
  /** The clock that dates items, epoch ms. Default `Date.now`. It may be wrong: versions go up all the same. */
  readonly now?: () => number;
  /** Names of the attributes that the toolkit keeps; see `AttributeNames` for the defaults. */
  readonly attributes?: Partial<AttributeNames>;
  /**
   * How long a removed item stays, in days, before DynamoDB's TTL may delete it, and its version with it. Default 30.
   * Where listeners write to the same table, longer than their latest event may be late (a stream keeps up to 365 days).
   */
  readonly keepForDays?: number;
  /**
   * How many commands an item remembers, to recognise one that comes again. Default 8, 1 to 16. It is the number of
   * commands on that item, of anybody's, after which a repeated one is taken for a new one. Each takes its id and a
   * version of the item's size. May differ between deployments: no item must be migrated.
   */
  readonly rememberCommands?: number;
  /** Written as `awsregion`. Default: the environment's AWS_REGION; left out when there is none. */
  readonly region?: string;
}

export interface CommandOptions {
  /**
   * Names the command, so that it is applied once however often it is sent, as long as the item remembers it
   * (`rememberCommands`). 1 to 128 characters, one for each intention of a user: the same id with another command
   * on the same item ends as `alreadyApplied`, and that command is not carried out. Default: a random one.
   */
  readonly commandId?: string | undefined;
  /** Written as `lastModifiedBy`. Default `system`. */
  readonly by?: string | undefined;
  /** Stops before the next request; a request under way is aborted. The command rejects with `COMMAND_STOPPED`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Epoch ms of this machine's clock at which the command is stopped like by `signal`, or a Lambda context, whose time
   * less a second is taken. Default: none.
   */
  readonly deadline?: CommandDeadline | undefined;
}

export interface UpdateWithOptions extends CommandOptions {
  /** Writes tried before a conflict is the result, 1 to 1,000. Default 8. */
  readonly attempts?: number;
}

/**
 * Changes of an item's attributes: `undefined` leaves an attribute as it is, `null` removes it, as does an empty Set;
 * anything else is set, a map or list as a whole. Attributes of the key and those that the toolkit keeps are refused.
 * The compiler takes `null` only for what is optional in `T`: without it the item would be no `T` any more.
 */
export type Changes<T extends object> = { readonly [K in keyof T]?: T[K] | undefined | (object extends Pick<T, K> ? null : never) };

/**
 * Commands on the items of one table, each guarded by the equality oplock: who has read an older version is told so.
 * `T`: the caller's attributes, without those of the key. All but `get` and `transact` end in a {@link CommandResult};
 * `orThrow(await …)` makes an error of what was refused. Nothing of a command is kept between calls: any number of
 * commands may be under way at once.
 *
 * All reject with
 * - `INVALID_COMMAND` (400), `ITEM_TOO_LARGE`, `COMMAND_TOO_LARGE` (413) for what cannot be written; `INVALID_OPTION`
 * - `COMMAND_STOPPED` (503) when the signal or the deadline came first; `COMMAND_UNANSWERED` (503) when a write had no
 *   answer, however often it was sent. It may have been applied: `details.commandId` is the id under which to send it
 *   again, `details.sent` whether a write was sent at all
 * - `ITEM_UNSETTLED` (503) when the item keeps changing between refusal and read
 * - `INVALID_ITEM` when the version or timestamp of the item is nothing that a next one could follow: see `force`
 * - what the SDK throws, when nothing was written: no permission, no table, throttled after several tries
 */
export interface Commands<T extends object = Record<string, unknown>> {
  /** The item, read consistently unless told otherwise; `undefined` when there is none or it is deleted. Numbers that no double holds are `bigint` or `NumberValue`. */
  get(key: Key, options?: { readonly consistent?: boolean; readonly includeDeleted?: boolean; readonly signal?: AbortSignal }): Promise<Item<T> | undefined>;
  /**
   * Only when there is none, else `alreadyExists`. A deleted one is replaced, and its version goes on. `null` and empty
   * Sets are left out.
   */
  create(key: Key, attributes: T, options?: CommandOptions): Promise<CreateResult<T>>;
  /**
   * Only when the item has the expected version, else `conflict` or `missing`. One request; with several versions, or
   * {@link PRESENT}, a read before it, and again (8 times) when somebody was faster and the item still is as expected.
   */
  update(key: Key, changes: Changes<T>, options: CommandOptions & { readonly expected: ExpectedPresent }): Promise<UpdateResult<T>>;
  /**
   * Creates (`expected: ABSENT`) or updates (anything else): a PUT whose precondition says which. An update leaves the
   * attributes that are not named as they are: name what has gone with `null`.
   */
  upsert(key: Key, attributes: Changes<T>, options: CommandOptions & { readonly expected: Expected }): Promise<CommandResult<T>>;
  /**
   * Marks the item as deleted, with a `ttl`. Its oplock stays, so that nothing older brings it back, and so do its
   * attributes, for whoever follows the change. Once more is `missing`, unless it is the same command.
   */
  remove(key: Key, options: CommandOptions & { readonly expected: ExpectedPresent }): Promise<UpdateResult<T>>;
  /**
   * Writes whatever the version is, creating the item when there is none; the version still moves on. For repair: also
   * of a version or timestamp that nothing could follow, which is replaced by a new one.
   */
  force(key: Key, changes: Changes<T>, options?: CommandOptions): Promise<CommandResult<T>>;
  /**
   * Read, change, write; again with what was found when somebody was faster. `change` must be pure: it may be called
   * several times, each time with a copy of the item. What it throws is thrown on; `undefined`, or changes that change
   * nothing, end as `alreadyApplied`. It may return the whole item, changed; what it left out is not removed, `null` is.
   */
  updateWith(key: Key, change: (current: Item<T>) => Changes<T> | undefined, options?: UpdateWithOptions): Promise<UpdateResult<T>>;
  /**
   * Several items, all or none, each with its own expectation; up to 100. `TransactionConflict` and throttling are
   * tried again, a failed condition is not. Rejects also with `TRANSACTION_BUSY` (503) and `TRANSACTION_FAILED`.
   */
  transact(participants: readonly Participant[], options?: TransactOptions): Promise<TransactResult>;
  /** The version of an item that was read; `undefined` when it has none. */
  versionOf(item: object): Version | undefined;
  /** The strong ETag of an item that was read: its version in quotes. `undefined` when it has none. */
  etagOf(item: object): string | undefined;
  /** The caller's attributes, those of the key among them, for the body of a response: without the toolkit's own. */
  withoutManaged(item: Item<T>): T;
}
