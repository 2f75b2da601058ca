/**
 * Classic (equality) optimistic locking for command functions: `import { createCommands, orThrow } from 'oplock-stream/bff'`.
 * @module
 */
export type { CommandOptions, Commands, CommandsOptions, Changes, UpdateWithOptions } from './commands';
export type { AttributeNames } from './attributes';
export type { CommandResult, Done, Item, Key, Refused } from './result';
export { ABSENT, PRESENT, type Expected, type ExpectedOrAbsent, type ExpectedPresent, type Version, type VersionStrategy } from './version';
export type { Participant, Refusal, TransactOptions, TransactResult } from './transaction';
export { createCommands } from './create-commands';
export { orThrow, TransactionRejectedError } from './or-throw';
export { CommandError, ItemExistsError, ItemMissingError, OplockConflictError } from './errors';
