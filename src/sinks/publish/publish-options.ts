import type { Event } from '../../event';
import type { Outcome } from '../../outcome';
import type { RetryOptions } from '../../retry';
import type { EventPublisher } from './publisher';

export interface PublishOptions {
  /** Where the events go: `kinesisPublisher()`, or one of your own. Pipelines with the same one send together. */
  readonly publisher: EventPublisher;
  /** How often an event is tried again when the stream throttles or does not answer. */
  readonly retry?: RetryOptions;
}

/** What the step looks for in a uow: an event, or several. Without any it passes. */
export interface Publishable {
  readonly publish?: Event | readonly Event[] | undefined;
}

/** What the step adds. */
export interface Handed {
  readonly outcome?: Outcome;
}
