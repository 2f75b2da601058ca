/** A shard as its stream lists it. */
export interface Shard {
  readonly id: string;
  /** The shards it was made of: they are read to their end first. */
  readonly parents: readonly string[];
  /** Nothing is written to it any more. */
  readonly closed: boolean;
}

/** Where reading starts. */
export type ReadFrom =
  | { readonly type: 'TRIM_HORIZON' | 'LATEST' }
  | { readonly type: 'AFTER_SEQUENCE_NUMBER'; readonly sequenceNumber: string };

/** One answer of GetRecords. */
export interface Page<R> {
  /** As Lambda gives them to a function. */
  readonly records: readonly R[];
  /** Absent: the shard is closed and read to its end. */
  readonly next?: string;
  /** Nothing more was there when it was read. */
  readonly atTip: boolean;
}

/** The facts of a record that delivery goes by. */
export interface RecordFacts {
  readonly sequenceNumber: string;
  /** Records of equal keys keep their order. */
  readonly key: string;
  /** When the stream took it, epoch ms. */
  readonly time: number;
}

/** A stream, as a mapping reads it; {@link kinesisStream} and {@link dynamodbStream} make one. */
export interface StreamSource<R> {
  readonly kind: 'kinesis' | 'dynamodb';
  /** Looks up the ARN; the other calls come after it. */
  open(signal: AbortSignal): Promise<string>;
  shards(signal: AbortSignal): Promise<readonly Shard[]>;
  iterator(shard: string, from: ReadFrom, signal: AbortSignal): Promise<string | undefined>;
  read(shard: string, iterator: string, signal: AbortSignal): Promise<Page<R>>;
  facts(record: R): RecordFacts;
  /** What filter patterns look at. */
  filterable(record: R): unknown;
  /** What patterns may have at their top. Default: anything. */
  readonly filterKeys?: readonly string[];
}
