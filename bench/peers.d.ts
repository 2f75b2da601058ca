/*
 * What the sides use of the peers, in types of our own: the peers are installed for the bench only, and the project's
 * types are checked without them. One of them has none.
 */
declare module 'aws-lambda-stream' {
  interface Uow {
    readonly event: { readonly type: string; readonly timestamp: number; readonly thing: { readonly id: string } & Readonly<Record<string, string | number>> };
    readonly updateRequest?: object;
  }
  type Step = (stream: Highland.Stream<Uow>) => Highland.Stream<Uow>;
  type Pipelines = Readonly<Record<string, (options: object) => Step>>;

  export const defaultOptions: object;
  export const fromKinesis: (event: import('aws-lambda').KinesisStreamEvent) => Highland.Stream<Uow>;
  export const initialize: (pipelines: Pipelines, options?: object) => { assemble(head: Highland.Stream<Uow>, includeFaults?: boolean): Highland.Stream<Uow> };
  export const initializeFrom: (rules: readonly object[]) => Pipelines;
  export const materialize: (rule: object) => Step;
  export const timestampCondition: (field?: string) => object;
  export const toPromise: (stream: Highland.Stream<Uow>) => Promise<unknown>;
  export const updateDynamoDB: (options: object) => Step;
  export const updateExpression: (item: object) => object;
}

declare module '@aws-lambda-powertools/batch' {
  type Kinesis = import('aws-lambda').KinesisStreamEvent;

  export const EventType: { readonly KinesisDataStreams: 'KinesisDataStreams' };
  export class BatchProcessor {
    constructor(eventType: string);
  }
  export const processPartialResponse: (
    event: Kinesis, recordHandler: (record: Kinesis['Records'][number]) => Promise<void>, processor: BatchProcessor,
  ) => Promise<{ batchItemFailures: { itemIdentifier: string }[] }>;
}

declare module '@deliveryhero/dynamodb-lock' {
  interface DeliveryHeroLock {
    readonly isAcquired: boolean;
  }
  export const dynamoDBLockClientFactory: (client: import('@aws-sdk/lib-dynamodb').DynamoDBDocument, table: { readonly tableName: string; readonly partitionKey: string; readonly sortKey: string }) => {
    lock(lockGroup: string, lockId: string, options: {
      readonly leaseDurationInMs: number; readonly prolongEveryMs: number; readonly trustLocalTime?: boolean; readonly waitDurationInMs?: number;
    }): Promise<DeliveryHeroLock>;
    releaseLock(lock: DeliveryHeroLock): Promise<void>;
  };
}

declare module 'dynamodb-lock-client' {
  type Callback = (error?: unknown, data?: object) => void;

  export interface CallbackClient {
    readonly get: (input: import('@aws-sdk/lib-dynamodb').GetCommandInput, callback: Callback) => void;
    readonly put: (input: import('@aws-sdk/lib-dynamodb').PutCommandInput, callback: Callback) => void;
    readonly delete: (input: import('@aws-sdk/lib-dynamodb').DeleteCommandInput, callback: Callback) => void;
  }
  export interface PeerLock {
    on(event: 'error', listener: (error: Error) => void): void;
    release(callback: (error?: Error) => void): void;
  }
  interface Common {
    readonly dynamodb: CallbackClient;
    readonly lockTable: string;
    readonly partitionKey: string;
    readonly retryCount: number;
  }
  class Client {
    acquireLock(key: string, callback: (error: Error | undefined, lock: PeerLock) => void): void;
  }
  export class FailOpen extends Client {
    constructor(config: Common & { readonly leaseDurationMs: number; readonly heartbeatPeriodMs: number });
  }
  export class FailClosed extends Client {
    constructor(config: Common & { readonly acquirePeriodMs: number });
  }
}
