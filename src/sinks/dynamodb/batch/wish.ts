import type { DynamoDBDocumentClient, UpdateCommandOutput } from '@aws-sdk/lib-dynamodb';
import type { Hint, Step } from '../step';
import type { Batching } from './batching';

/** Sends the requests of an invocation, as many at once as it may; statements that wait together go as one request. */
export interface Requests {
  /** Never answers in the same turn. What has no answer when the time is up is answered with a DeadlineError. */
  send(wish: Wish): void;
}

/** One conditional write, and who waits for its answer. */
export interface Wish {
  readonly step: Step;
  readonly sender: Sender;
  /** What is known of the item; a wrong hint costs a failed statement, no more. */
  readonly hint: Hint;
  /** As a request of its own: what has failed more than once may do so because of the others. */
  readonly alone: boolean;
  /** Of its event: of all that waits, the earliest goes first. */
  readonly place: number;
  readonly answered: (answer: Answered) => void;
}

/** What the writes of a sink have in common in an invocation. */
export interface Sender {
  readonly client: DynamoDBDocumentClient;
  readonly batching: Batching;
  readonly signal: AbortSignal;
}

export type Answered =
  | { readonly kind: 'taken'; readonly response: UpdateCommandOutput }
  /** The condition failed on this item; `undefined`: there is none, for sure. */
  | { readonly kind: 'refused'; readonly item: Readonly<Record<string, unknown>> | undefined }
  /** What the single request would be rejected with. */
  | { readonly kind: 'failed'; readonly error: unknown };
