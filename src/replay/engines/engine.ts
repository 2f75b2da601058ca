import type { AttributeValue, DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { TableSpec } from './table-key';

/** An item as the engine stores it: typed attribute values, so that nothing is lost (sets, binary, long numbers). */
export type Item = Readonly<Record<string, AttributeValue>>;

/** Something that speaks DynamoDB. {@link embeddedEngine} and its siblings make one. */
export interface Engine {
  /** `memory`, `embedded`, `local`, `endpoint` or `aws`. */
  readonly name: EngineName;
  /** Where it listens; absent for the AWS service and in memory. */
  readonly endpoint?: string;
  /** Give it to `createHandler`. */
  readonly client: DynamoDBDocumentClient;
  /** For other clients of the same server: `new DynamoDBStreams(engine.connection)`. */
  readonly connection: EngineConnection;
  /**
   * Creates the table and waits until it is usable. A table of that name and key that is there already is used
   * as it is; another key, or not the stream that is asked for, is an error. The AWS engine creates nothing: it only checks.
   */
  createTable(spec: TableSpec): Promise<void>;
  /** Removes a table that {@link createTable} made; the AWS engine leaves it alone. */
  dropTable(name: string): Promise<void>;
  /** The ARN of the table's stream, for `dynamodbStream`. Errors: `TABLE_MISSING`, `STREAM_MISSING`. */
  streamArn(table: string): Promise<string>;
  /** Every item of the table, read consistently, in the engine's own order. */
  scan(table: string): Promise<readonly Item[]>;
  /** Closes the client and ends whatever was started. Calling it again does nothing. */
  stop(): Promise<void>;
}

/** Of the AWS service it has at most the region: the SDK finds the rest. */
export interface EngineConnection {
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
  /** Of the in-memory engine, which has no address: requests end in it. */
  readonly requestHandler?: NonNullable<DynamoDBClientConfig['requestHandler']>;
}

export type EngineName = 'memory' | 'embedded' | 'local' | 'endpoint' | 'aws';
