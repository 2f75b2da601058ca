import { OplockStreamError } from '../../errors';
import type { Invocation } from '../../ledger/invocation';
import { settingsOf } from '../../oplock/settings';
import { batchingOf } from './batch/batching';
import { createRequests } from './batch/requests';
import { refuseCaching } from './caching';
import { defaultClient } from './client';
import type { Sink } from './job';
import type { SharedClient, UpdateOptions } from './update-options';

/** The sink in one invocation. Made with the first uow that asks for it, so that no client is made for nothing. */
export type OpenSink = (invocation: Invocation, quiet?: boolean) => () => Sink;

/** Checks the options, once. Throws `INVALID_OPTION`. */
export const sinkOf = (options: UpdateOptions): OpenSink => {
  const { concurrency = 16, fold } = options;
  if (!(concurrency >= 1)) throw new OplockStreamError('INVALID_OPTION', `concurrency must be at least 1, found ${String(concurrency)}`);
  if (fold !== undefined && typeof fold !== 'boolean') throw new OplockStreamError('INVALID_OPTION', `fold must be true or false, found ${String(fold)}`);
  refuseCaching(options.client, 'update({ client })');
  const settings = settingsOf(options.oplock);
  const batching = batchingOf(options, concurrency);
  const own: SharedClient = options.shared ?? {};
  const clientOf = () => options.client ?? (own.client ??= defaultClient());
  if (options.shared) clientOf(); // while the function starts, which Lambda gives more CPU to than its first invocation

  return (invocation, quiet = false) => {
    const limiter = invocation.limiter(concurrency * (batching?.size ?? 1));
    // Shared as the limit is, however many pipelines there are.
    const requests = batching && invocation.share(limiter, () => createRequests(invocation.logger));
    let sink: Sink | undefined;
    const make = (): Sink => {
      const client = clientOf();
      return { client, options, settings, limiter, invocation, quiet, batches: requests && { requests, sender: { client, batching, signal: invocation.deadline.signal } } };
    };
    return () => (sink ??= make());
  };
};
