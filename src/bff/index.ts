/**
 * Classic (equality) optimistic locking for command functions: `import { createCommands, orThrow } from 'oplock-stream/bff'`.
 * @module
 */
export type { CommandOptions, Commands, CommandsOptions, Changes, UpdateWithOptions } from './commands';
export type { CommandDeadline } from './budget';
export type { AttributeNames } from './attributes';
export type { CommandResult, CreateResult, Done, Item, Key, Refused, Uncertain, UpdateResult } from './result';
export type { KeyValue } from '../oplock/write';
export { ABSENT, PRESENT, type Expected, type ExpectedPresent, type Version, type VersionStrategy } from './version';
export type { Participant, ParticipantItem, Refusal, TransactOptions, TransactResult } from './transaction';
export { createCommands } from './create-commands';
export { orThrow, TransactionRejectedError } from './or-throw';
export { CommandError, ItemExistsError, ItemMissingError, OplockConflictError } from './errors';

export { changesBetween, merge, type Merged, type Unresolved } from './merge';

// HTTP
export { etagOf, parseTags, versionsOf, type EntityTag } from './http/etag';
export { expectedOf, preconditionOf, type ExpectedFor, type Precondition, type PreconditionOptions, type Tags } from './http/precondition';
export type { RequestHeaders } from './http/headers';
export { commandIdOf } from './http/idempotency-key';
export { DomainConflictError, PreconditionRequiredError } from './http/errors';
export { problemOf, type ProblemOptions } from './http/problem';
export type { RequestOptions } from './http/request-options';
export { toHttp, type RespondOptions, type ResultOptions } from './http/respond';
export { conditionalGet, type ConditionalGetOptions } from './http/conditional-get';
export { toWebResponse, type HttpResponse } from './http/response';
export { httpApi, type HttpApiHandler, type HttpApiOptions, type Route, type RouteResponse } from './http/http-api';
export type { HttpRequest } from './http/http-request';
