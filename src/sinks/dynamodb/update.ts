import { OplockStreamError } from '../../errors';
import { accountable, invocationOf, stageOf, startStage } from '../../ledger/accountable';
import { entryOf } from '../../ledger/entry';
import { Invocation } from '../../ledger/invocation';
import { createStage } from '../../ledger/stage';
import { settingsOf } from '../../oplock/settings';
import { unordered } from '../../steps/unordered';
import { batchingOf } from './batch/batching';
import { createRequests } from './batch/requests';
import { refuseCaching } from './caching';
import { defaultClient } from './client';
import { enqueue, type Sink } from './job';
import type { SharedClient, UpdateOptions, Writable, Written } from './update-options';
import { submit } from './write-task';

/**
 * The conditional write. Takes `uow.updateRequest` (any `UpdateCommand` input, as it is) or `uow.write` (a structured
 * write) and adds `uow.outcome`: `applied`, or why the table refused: `duplicate`, `stale`, `tombstoned`, `conflict`, `unchanged`.
 * With `oplock.groups` a write may be taken in part: `narrowed`.
 * Dropped uows flow on, so that later steps can see them (`.filter(onlyApplied)` keeps the applied ones).
 *
 * Writes of one item follow each other in the order of the events; different items never wait for each other.
 * Transient errors are retried within the invocation's time, then end as `retry`, and so does the rest of that item's
 * events; errors that retrying cannot cure end as `fault`, and events of a time too far ahead as `future`. On a stream that
 * no source made there is nobody to report these to: the error goes down the stream.
 *
 * Throws `INVALID_OPTION` at once for options that cannot be right.
 * Make the step once, outside the handler: it owns the client.
 */
export const update = (options: UpdateOptions = {}) => {
  const { concurrency = 16, fold } = options;
  if (!(concurrency >= 1)) throw new OplockStreamError('INVALID_OPTION', `concurrency must be at least 1, found ${String(concurrency)}`);
  if (fold !== undefined && typeof fold !== 'boolean') throw new OplockStreamError('INVALID_OPTION', `fold must be true or false, found ${String(fold)}`);
  refuseCaching(options.client, 'update({ client })');
  const settings = settingsOf(options.oplock);
  const batching = batchingOf(options, concurrency);
  const own: SharedClient = options.shared ?? {};
  const client = () => options.client ?? (own.client ??= defaultClient());
  if (options.shared) client(); // while the function starts, which Lambda gives more CPU to than its first invocation

  return <U extends Writable>(source: Highland.Stream<U>): Highland.Stream<U & Written> => {
    const invocation = invocationOf(source) ?? new Invocation();
    const limiter = invocation.limiter(concurrency * (batching?.size ?? 1));
    // Shared as the limit is, however many pipelines there are.
    const requests = batching && invocation.share(limiter, () => createRequests(invocation.logger));
    let made: Sink | undefined;
    // With the first uow, so that no client is made for nothing.
    const sink = (): Sink => (made ??= {
      client: client(), options, settings, limiter, invocation,
      batches: requests && { requests, sender: { client: client(), batching, signal: invocation.deadline.signal } },
    });
    const stage = stageOf(accountable(source, invocation));
    stage?.join();
    let arrivals = 0;
    const write = unordered<U, U & Written>(
      (uow, emit, done) => {
        arrivals += 1;
        enqueue({ uow, sink: sink(), emit, done, entry: entryOf(uow), arrival: arrivals }, submit);
      },
      Infinity,
      () => stage?.ended(),
    );
    const output = write(source);
    startStage(output, createStage(invocation, stage?.pipeline ?? ''));
    return output;
  };
};

/** The same step under the name that aws-lambda-stream gives it. */
export const updateDynamoDB = update;
