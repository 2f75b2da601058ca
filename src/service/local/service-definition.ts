/** A value that may only be known once its resource is there: text, or a reference to a resource of serverless.yml. */
export type EnvironmentValue = string | ResourceReference;

/** `!Ref Seats` is `{ resource: 'Seats' }`, `!GetAtt Seats.StreamArn` has the `attribute` too. */
export interface ResourceReference {
  readonly resource: string;
  readonly attribute?: string;
}

/** Settings of a stream's event source mapping, in the words of Lambda's API, in camelCase. */
export interface MappingSettings {
  readonly batchSize: number;
  readonly maximumBatchingWindowInSeconds: number;
  readonly parallelizationFactor: number;
  /** -1: until the record is too old. */
  readonly maximumRetryAttempts: number;
  /** -1: as long as the stream keeps it. */
  readonly maximumRecordAgeInSeconds: number;
  readonly bisectBatchOnFunctionError: boolean;
  readonly functionResponseTypes: readonly 'ReportBatchItemFailures'[];
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP';
  /** Each `pattern` is JSON text; absent: everything is wanted. */
  readonly filterCriteria?: { readonly filters: readonly { readonly pattern: string }[] };
}

export interface StreamDefinition {
  readonly type: 'dynamodb' | 'kinesis';
  /** Of the table, or of the stream. */
  readonly source: ResourceReference;
  /** Where Lambda puts what it gives up. */
  readonly onFailure?: ResourceReference;
  readonly settings: MappingSettings;
}

export interface FunctionDefinition {
  /** As in serverless.yml, for example `command`. */
  readonly name: string;
  /** As deployed, for example `seats-dev-command`. */
  readonly functionName: string;
  /** The bundle, without its extension, and what it exports: `.build/command`, `handler`. */
  readonly file: string;
  readonly exportName: string;
  readonly timeoutSeconds: number;
  readonly memoryMB: number;
  readonly environment: Readonly<Record<string, EnvironmentValue>>;
  /** Route keys: `PUT /seats/{id}`. */
  readonly routes: readonly string[];
  readonly streams: readonly StreamDefinition[];
}

export interface TableDefinition {
  readonly resource: string;
  readonly partitionKey: { readonly name: string; readonly type: 'S' | 'N' | 'B' };
  readonly sortKey?: { readonly name: string; readonly type: 'S' | 'N' | 'B' };
  /** Absent: no stream. */
  readonly stream?: string;
  readonly ttlAttribute?: string;
}

/** What a local run needs to know of serverless.yml. */
export interface ServiceDefinition {
  readonly service: string;
  readonly stage: string;
  readonly region: string;
  readonly functions: readonly FunctionDefinition[];
  readonly tables: readonly TableDefinition[];
  /** Kinesis streams, by the name of their resource. */
  readonly streams: readonly { readonly resource: string }[];
}
