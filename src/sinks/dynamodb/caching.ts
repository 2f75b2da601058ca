import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { OplockStreamError } from '../../errors';

/*
 * With `cacheMiddleware` the SDK keeps what it has made of the first command of a kind, and of a document client's
 * commands that holds the first input: each later one is sent as the first once more, and what it should have written is
 * lost. A document client refuses the option when it is made, but nobody looks when it is set afterwards.
 */

/** @throws OplockStreamError `INVALID_OPTION` for a client that would send the first input again and again */
export const refuseCaching = (client: DynamoDBDocumentClient | undefined, where: string): void => {
  if (client && isCaching(client)) throw new OplockStreamError('INVALID_OPTION', `${where}: ${PROBLEM}`);
};

/** The same before a request: the config may have been changed since. No event is at fault, so none is set aside. */
export const refuseCachingNow = (client: DynamoDBDocumentClient): void => {
  if (isCaching(client)) throw new OplockStreamError('UNSAFE_CLIENT', PROBLEM);
};

const isCaching = ({ config }: { readonly config?: { readonly cacheMiddleware?: unknown } }): boolean => Boolean(config?.cacheMiddleware);

const PROBLEM = 'the client has `cacheMiddleware` set, with which a document client sends the input of its first command again in place of each '
  + 'later one, and writes get lost. Leave the option out, or set it to false';
