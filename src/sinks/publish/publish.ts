import { OplockStreamError } from '../../errors';
import { accountable, invocationOf, stageOf, startStage } from '../../ledger/accountable';
import { entryOf } from '../../ledger/entry';
import { Invocation } from '../../ledger/invocation';
import { createStage } from '../../ledger/stage';
import { unordered } from '../../steps/unordered';
import { createOutbox } from './outbox';
import { post } from './post';
import type { Handed, Publishable, PublishOptions } from './publish-options';
import type { EventPublisher } from './publisher';

/**
 * Hands events on: takes `uow.publish`, an event or several, and adds `uow.outcome`: `published` when all of them are
 * stored. A uow without any passes as it is.
 *
 * Events are sent in requests as full as there are events, one request after the other. Those of one key (the
 * partition key, else the id) keep their order, also when a request fails in part: the next one of a key goes only when
 * the one before it is stored. What is throttled, or gets no answer, is tried again within the invocation's time,
 * then ends as `retry`, and so do later events of its key. What is refused for good, or is too large
 * (`EVENT_TOO_LARGE`), ends as `fault`. On a stream that no source made there is nobody to report these two to: the
 * error of a `fault`, or of an exhausted retry, goes down the stream.
 *
 * An event may be stored twice, when an answer is lost or the record is delivered again: give it an id that is the
 * same every time.
 */
export const publish = (options: PublishOptions) => {
  check(options?.publisher);

  return <U extends Publishable>(source: Highland.Stream<U>): Highland.Stream<U & Handed> => {
    const invocation = invocationOf(source) ?? new Invocation();
    const { publisher } = options;
    const outbox = invocation.share(publisher, () => createOutbox(publisher, invocation.deadline, (error) => invocation.crash(error)));
    const stage = stageOf(accountable(source, invocation));
    stage?.join();
    let arrivals = 0;
    const sink = unordered<U, U & Handed>(
      (uow, emit, done) => {
        arrivals += 1;
        post({ uow, emit, done, options, outbox, invocation, entry: entryOf(uow), arrival: arrivals });
      },
      Infinity,
      () => stage?.ended(),
    );
    const output = sink(source);
    startStage(output, createStage(invocation, stage?.pipeline ?? ''));
    return output;
  };
};

const check = (publisher: Partial<EventPublisher> | undefined): void => {
  const { maxEvents = NaN, maxBytes = NaN, bytesOf } = publisher ?? {};
  if (typeof publisher === 'function' && maxEvents >= 1 && maxBytes >= 1 && typeof bytesOf === 'function') return;
  throw new OplockStreamError(
    'INVALID_OPTION',
    'publish({ publisher }) takes a function with maxEvents and maxBytes, of at least 1, and bytesOf; kinesisPublisher() of oplock-stream/kinesis makes one',
  );
};
