import type { Commands } from '../commands';
import { CommandError } from '../errors';
import { orThrow } from '../or-throw';
import type { CommandResult, Done, Item } from '../result';
import type { Version } from '../version';
import { etagOf } from './etag';
import { toJson } from './json';
import { problemOf, type ProblemOptions } from './problem';
import { factsOf } from './request-options';
import type { HttpResponse } from './response';

export interface RespondOptions<T extends object> extends ProblemOptions {
  /** Leaves the toolkit's own attributes out of the body. */
  readonly commands: Pick<Commands<T>, 'withoutManaged'>;
  /** The body of a response with an item. Default: the item without the toolkit's own attributes. */
  readonly body?: (item: Item<T>) => unknown;
  /** Header `cache-control`. Default `no-cache`: caches may keep it, and ask each time whether it is still true. */
  readonly cacheControl?: string;
}

export interface ResultOptions<T extends object> extends RespondOptions<T> {
  /** Whether the command creates: 201 and not 200. Default: whether the request said `If-None-Match: *`. */
  readonly created?: boolean;
  /** Header `location`: where the item that was created is found. */
  readonly location?: string;
}

/**
 * The response that tells how a command ended: 200, 201 for one that creates, with ETag and body; 204 for a DELETE; a
 * problem for what was refused. A command that was applied before gets what it got then, with the item as it is now.
 * What `body` throws is thrown on, unless it is a `CommandError`.
 */
export const toHttp = <T extends object>(result: CommandResult<T>, options: ResultOptions<T>): HttpResponse => {
  try {
    return ofDone(orThrow(result), options);
  } catch (error) {
    return problemOfOwn(error, options);
  }
};

/** Only the toolkit's own errors are answers; any other has to reach whoever logs it. */
export const problemOfOwn = (error: unknown, options: ProblemOptions): HttpResponse => {
  if (error instanceof CommandError) return problemOf(error, options);
  throw error;
};

const ofDone = <T extends object>({ item, version }: Done<T>, options: ResultOptions<T>): HttpResponse => {
  const { precondition, method } = factsOf(options);
  const { location, created = precondition?.kind === 'ifNoneMatch' } = options;
  if (method === 'DELETE') return { statusCode: 204, headers: {} };
  const { headers, body } = withItem(item, version, options);
  return { statusCode: created ? 201 : 200, headers: { ...headers, ...(location !== undefined && { location }) }, body };
};

/** The response with an item: its ETag, so that the client can say what it has read. */
export const withItem = <T extends object>(item: Item<T>, version: Version | undefined, options: RespondOptions<T>): HttpResponse & { readonly body: string } => {
  const { commands, body = commands.withoutManaged, cacheControl = 'no-cache' } = options;
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json', 'cache-control': cacheControl, ...(version !== undefined && { etag: etagOf(version) }) },
    body: toJson(body(item)),
  };
};
