import { OplockStreamError } from '../../errors';
import type { Event } from '../../event';
import type { Entry } from '../../ledger/entry';
import type { Invocation } from '../../ledger/invocation';
import { isSetAside, type Outcome } from '../../outcome';
import type { Emit } from '../../steps/unordered';
import type { Outbox } from './outbox';
import { letterOf, type Letter, type Parcel, type ParcelEnd } from './parcel';
import type { Handed, Publishable, PublishOptions } from './publish-options';
import { publishKey, type EventPublisher } from './publisher';

/** One uow on its way through the step. */
export interface Posting<U extends Publishable> {
  readonly uow: U;
  readonly emit: Emit<U & Handed>;
  readonly done: () => void;
  readonly options: PublishOptions;
  readonly outbox: Outbox;
  readonly invocation: Invocation;
  readonly entry: Entry | undefined;
  readonly arrival: number;
}

/** Settles the uow at once, or gives its events to the outbox. Never throws. */
export const post = <U extends Publishable>(posting: Posting<U>): void => {
  const { uow, invocation, entry, outbox } = posting;
  let parcel: Parcel | undefined;
  try {
    const events = isOver(uow as Handed) ? [] : eventsOf(uow);
    parcel = events.length > 0 ? wrap(posting, events) : undefined;
  } catch (error) {
    fail(posting, error);
    return;
  }
  if (parcel) outbox.submit(parcel);
  else finish(posting, uow);
  // Only now: whoever waits for this event to decide goes on at once, and must find its events in the outbox.
  if (entry) invocation.decide(entry);
};

/** An earlier sink could not handle this event: it comes again with the retry, or is set aside. */
const isOver = ({ outcome }: Handed): boolean => outcome?.kind === 'retry' || isSetAside(outcome);

const eventsOf = ({ publish }: Publishable): readonly Event[] =>
  publish === undefined || publish === null ? [] : Array.isArray(publish) ? (publish as readonly Event[]) : [publish as Event];

const wrap = <U extends Publishable>(posting: Posting<U>, events: readonly Event[]): Parcel => {
  const { options: { publisher, retry = {} }, entry, arrival } = posting;
  const ticket = entry?.ticket;
  const letters: Letter[] = [];
  const parcel: Parcel = {
    index: ticket?.index ?? arrival,
    retry,
    letters,
    pending: events.length,
    over: false,
    isOpen: () => ticket?.gate?.isOpen(ticket.place) ?? true,
    onOpen: (callback) => ticket?.gate?.onOpen(ticket.place, callback),
    isHeld: () => ticket?.gate?.isHeld(ticket.place) ?? false,
    end: (how) => end(posting, how),
  };
  for (const event of events) letters.push(letterOf(event, keyOf(publisher, event), sizeOf(publisher, event), parcel));
  return parcel;
};

const keyOf = (publisher: EventPublisher, event: Event): string => publisher.keyOf?.(event) ?? publishKey(event);

const sizeOf = (publisher: EventPublisher, event: Event): number => {
  const bytes = publisher.bytesOf(event);
  const limit = Math.min(publisher.maxBytes, publisher.maxEventBytes ?? Infinity);
  if (bytes <= limit) return bytes;
  throw new OplockStreamError(
    'EVENT_TOO_LARGE',
    `event ${event.id} has ${bytes} bytes, and the stream takes ${limit}: publish less of it, or store the bulk elsewhere and publish its name`,
    { details: { bytes, limit, type: event.type } },
  );
};

const end = <U extends Publishable>(posting: Posting<U>, how: ParcelEnd): boolean => {
  if (typeof how === 'object') return fail(posting, how.error);
  settle(posting, how === 'published' ? { kind: 'published' } : { kind: 'retry', reason: how });
  return how !== 'published';
};

const settle = <U extends Publishable>(posting: Posting<U>, outcome: Outcome): void => {
  if (posting.entry) posting.invocation.settle(posting.entry, outcome);
  finish(posting, { ...posting.uow, outcome });
};

/** @returns whether what follows it must wait for the next delivery */
const fail = <U extends Publishable>(posting: Posting<U>, error: unknown): boolean => {
  const { uow, invocation, entry } = posting;
  const { outcome, error: marked } = invocation.raise(uow, error);
  if (entry) {
    finish(posting, { ...uow, outcome });
  } else {
    posting.emit(marked);
    posting.done();
  }
  return outcome.kind === 'retry';
};

const finish = <U extends Publishable>(posting: Posting<U>, uow: U & Handed): void => {
  posting.emit(null, uow);
  posting.done();
};
