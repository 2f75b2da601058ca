import type { Event } from '../../event';
import type { RetryOptions } from '../../retry';

/** The events that were made of one uow. They are sent one by one, and end together. */
export interface Parcel {
  /** Position of the uow among those of the invocation. */
  readonly index: number;
  readonly retry: RetryOptions;
  /** May its events be sent? When not, `onOpen` calls back when this may have changed. */
  isOpen(): boolean;
  onOpen(callback: () => void): void;
  /** An earlier event of its source key is to be retried, so this one must wait for the next delivery. */
  isHeld(): boolean;
  /** Settles the uow. Returns whether it comes again, so that what follows it must wait. Never throws. */
  end(end: ParcelEnd): boolean;
  readonly letters: readonly Letter[];
  /** Letters that are not stored yet. */
  pending: number;
  over: boolean;
}

export type ParcelEnd = 'published' | 'held' | 'deadline' | { readonly error: unknown };

/** One event on its way. */
export interface Letter {
  readonly event: Event;
  /** Letters with the same key are sent one after the other. */
  readonly key: string;
  readonly bytes: number;
  readonly parcel: Parcel;
  stored: boolean;
  /** How often it was sent, and failed for a reason that may pass. */
  failures: number;
  /** Not before this time (of `performance.now()`). */
  notBefore: number;
  /** Most letters of a request that has this one: lowered to find the one that spoils a request. */
  company: number;
  /** The parcel was asked to call when it opens. */
  asked: boolean;
}

export const letterOf = (event: Event, key: string, bytes: number, parcel: Parcel): Letter =>
  ({ event, key, bytes, parcel, stored: false, failures: 0, notBefore: 0, company: Infinity, asked: false });
