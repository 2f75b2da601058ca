import type { DynamoDBDocumentClient, UpdateCommandOutput } from '@aws-sdk/lib-dynamodb';
import type { Regression } from '../../oplock/regression/regression';
import type { OplockOptions, WriteRequest } from '../../oplock/write';
import type { Outcome } from '../../outcome';
import type { RetryOptions } from '../../retry';
import type { UpdateRequest } from './prepare';

/** The default client of several sinks, once one of them has made it. */
export interface SharedClient {
  client?: DynamoDBDocumentClient;
}

export interface UpdateOptions {
  /** Default: the request's own TableName, or the environment's ENTITY_TABLE_NAME, EVENT_TABLE_NAME, TABLE_NAME. */
  readonly tableName?: string;
  /** Default: a document client of the sink's own with sane timeouts, made at the first write. */
  readonly client?: DynamoDBDocumentClient;
  /** Where the default client is kept for others to use. `initialize` gives one to all its pipelines. */
  readonly shared?: SharedClient;
  /** Writes under way at once in an invocation; sinks with the same number share it. Default 16. */
  readonly concurrency?: number;
  /** How structured writes carry their oplock. */
  readonly oplock?: OplockOptions;
  readonly retry?: RetryOptions;
  /**
   * Structured writes of one item that are waiting together become one write, which leaves what they would have left
   * one after the other; the older ones end as `superseded`. Default true; false writes each event by itself, so that
   * each state of the item is in the table's stream.
   */
  readonly fold?: boolean;
  /**
   * `auto` (default): structured writes of different items go together, each with a condition and an old item of its own,
   * in one BatchExecuteStatement, which saves most of the CPU time; but not where few are ready, nor where it would cost
   * write units because nothing tells which items are new (an event `*-created` is expected to make one). `batch`: always
   * together. `single`: each write is a request. The function's role needs `dynamodb:PartiQLUpdate` and
   * `dynamodb:PartiQLInsert`, too; without them, or on an engine that has no PartiQL, writes are sent singly.
   */
  readonly strategy?: Strategy;
  /** Writes in a batch, 1 to 25. Default 25. With batches, `concurrency` is the number of requests. */
  readonly batchSize?: number;
}

/** How structured writes are sent: see `update()`. */
export type Strategy = 'auto' | 'batch' | 'single';

/** What the sink looks for in a uow: a raw `UpdateCommand` input, or a structured write. Without either it passes. */
export interface Writable {
  readonly updateRequest?: UpdateRequest | undefined;
  readonly write?: WriteRequest | undefined;
  /** What `regressions` found; written to the table of the stream, unless `tableName` says another. */
  readonly regression?: Regression | undefined;
}

/** What the sink adds. */
export interface Written {
  readonly outcome?: Outcome;
  /** The table's answer, when the write was applied. */
  readonly updateResponse?: UpdateCommandOutput;
}
