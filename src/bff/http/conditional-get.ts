import type { Commands } from '../commands';
import { ItemMissingError, OplockConflictError } from '../errors';
import type { Item } from '../result';
import { PRESENT, type Version } from '../version';
import { etagOf, type EntityTag } from './etag';
import type { RequestHeaders } from './headers';
import { expectedOf, preconditionOf, type Precondition, type Tags } from './precondition';
import { problemOf } from './problem';
import { factsOf } from './request-options';
import { problemOfOwn, withItem, type RespondOptions } from './respond';
import { withoutBody, type HttpResponse } from './response';

export interface ConditionalGetOptions<T extends object> extends RespondOptions<T> {
  readonly commands: Pick<Commands<T>, 'withoutManaged' | 'versionOf'>;
}

/**
 * The response to a GET, or a HEAD (no body; `request` or `method` says so): 200 with ETag and body; 304 when the client has this
 * version already (If-None-Match, weak comparison); 412 when it is not the one of If-Match; 404 when there is none;
 * 400 when a header cannot be read. What `body` throws is thrown on, unless it is a `CommandError`.
 */
export const conditionalGet = <T extends object>(item: Item<T> | undefined, headers: RequestHeaders | undefined, options: ConditionalGetOptions<T>): HttpResponse => {
  const response = respond(item, headers, options);
  return factsOf(options).method === 'HEAD' ? withoutBody(response) : response;
};

const respond = <T extends object>(item: Item<T> | undefined, headers: RequestHeaders | undefined, options: ConditionalGetOptions<T>): HttpResponse => {
  // Preconditions are about what would be answered with success: there is nothing to compare a missing item with.
  if (!item) return problemOf(new ItemMissingError({ kind: 'missing', key: {}, expected: PRESENT, attempts: 0 }), { ...options, method: 'GET' });
  try {
    const version = options.commands.versionOf(item);
    const precondition = preconditionOf(headers, { required: false });
    const verdict = evaluate(precondition, version);
    if (verdict === 'failed') throw new OplockConflictError({ kind: 'conflict', key: {}, expected: expectedOf(precondition), current: item, version, attempts: 0 });
    const response = withItem(item, version, options);
    if (verdict === 'full') return response;
    const { 'content-type': _, ...rest } = response.headers;
    return { statusCode: 304, headers: rest };
  } catch (error) {
    return problemOfOwn(error, options);
  }
};

const evaluate = (precondition: Precondition, version: Version | undefined): 'full' | 'notModified' | 'failed' => {
  const etag = version === undefined ? undefined : etagOf(version);
  const { ifMatch, ifNoneMatch } = { ifMatch: undefined, ifNoneMatch: undefined, ...precondition };
  if (ifMatch && !matches(ifMatch, etag, ({ weak }) => !weak)) return 'failed';
  return ifNoneMatch && matches(ifNoneMatch, etag, () => true) ? 'notModified' : 'full';
};

const matches = (tags: Tags, etag: string | undefined, counts: (tag: EntityTag) => boolean): boolean =>
  tags === '*' || tags.some((one) => `"${one.tag}"` === etag && counts(one));
