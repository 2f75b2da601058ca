import { ttl } from '../../time';
import type { Settings } from './settings';

/**
 * When DynamoDB may collect a row that is given back and kept, in epoch seconds. A client that is not exclusive leaves rows with a
 * fencing token alone: the clients that begin tokens may not begin them with the time.
 */
export const collectAt = ({ ttl: collected, clock, exclusive }: Pick<Settings, 'ttl' | 'clock' | 'exclusive'>, fencingToken: number | undefined): number | undefined =>
  (collected && (exclusive || fencingToken === undefined) ? ttl(clock.wall(), collected.afterDays) : undefined);
