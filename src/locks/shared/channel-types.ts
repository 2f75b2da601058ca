import type { CollectOptions, SharedTableOptions } from './types';

/** Options of {@link createChannel}. Times are in ms. */
export interface ChannelOptions extends SharedTableOptions {
  /** Who sends and who subscribes under the same name meet. */
  readonly namespace: string;
  /** How often a subscription looks for messages, give or take a quarter. Default 1,000. */
  readonly pollMs?: number;
  /** A node that has missed more messages than that is told to refresh everything instead. Default 100. */
  readonly maxBehind?: number;
  /** How long a message may take to follow its number; after that it counts as missed. Default 2,000. */
  readonly graceMs?: number;
  /** One request to the table. Default 5,000. */
  readonly requestTimeoutMs?: number;
  /** Of messages, not of the version row. Default 1 day after they were sent. */
  readonly ttl?: CollectOptions;
}

/** Where a subscription stands. The epoch is that of the version row: it changes when that was deleted. */
export interface Position {
  readonly epoch: string | undefined;
  readonly version: number;
}

/** Messages were missed: `from` is where the subscription stood, `to` where it goes on. */
export interface Gap {
  readonly from: Position;
  readonly to: Position;
}

export interface Subscriber<M> {
  /** In order, each once, one at a time. An error counts as a gap. */
  readonly onMessage: (message: M, version: number) => Promise<void> | void;
  /** Messages were missed: refresh everything. An error is logged, and it is called again. */
  readonly onGap: (gap: Gap) => Promise<void> | void;
  /** Go on from there, in another process or after a pause. Default: from now on. */
  readonly from?: Position;
}

export interface Subscription {
  /** Everything up to here has been handed over, or made up for by `onGap`. */
  position(): Position;
  /** Looks now. `behind`: a message has its number, and has not been stored yet; or a handler of this subscription asks. Throws LockBackendError. */
  sync(): Promise<'current' | 'behind'>;
  /** Ms since nothing was missing, by the clock that says more; a frozen process shows here. */
  staleForMs(): number;
  /** Nothing is handed over after this. Waits for a handler that runs, but not inside of one. */
  close(): Promise<void>;
}

export interface Channel<M> {
  /**
   * Gives the message a number, then stores it. Every node that has subscribed gets it, or learns that it has missed
   * something. Gives the number. Throws LockBackendError, SharedValueError; when it throws, subscribers may be told of a gap.
   */
  send(message: M): Promise<number>;
  /** Everything that is sent from now on is handed over. Throws LockBackendError. */
  subscribe(subscriber: Subscriber<M>): Promise<Subscription>;
  /** Closes all subscriptions. Waits for handlers that run, but not inside of one. */
  close(): Promise<void>;
}
