/**
 * The standard envelope of a domain event. The same shape as aws-lambda-stream's, so that existing
 * producers fit. `thing`, `order`, … : the entity that the event carries, under a name of the producer's choice.
 */
export interface Event {
  /** Unique; the same for every delivery of this event. */
  readonly id: string;
  /** For example `thing-created`. */
  readonly type: string;
  /** When it happened, epoch milliseconds: the inverse oplock. */
  readonly timestamp: number;
  readonly partitionKey?: string;
  readonly tags?: Readonly<Record<string, unknown>>;
  /** The images of a change event (from a DynamoDB stream), as plain values. */
  readonly raw?: { readonly new?: Readonly<Record<string, unknown>>; readonly old?: Readonly<Record<string, unknown>> };
  readonly [entity: string]: unknown;
}
