import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand, PutCommand, TransactWriteCommand, UpdateCommand, type DynamoDBDocumentClient, type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { fromAttributeMap } from '../../attribute-value';
import { isObject } from '../../found';
import { refuseCachingNow } from '../../sinks/dynamodb/caching';
import { ExactGetCommand, ExactQueryCommand, ExactScanCommand, ExactUpdateCommand } from '../../sinks/dynamodb/exact';
import type { LockClock } from '../clock';
import { attemptsOf, failed, isRefusal, within, type CallOptions } from './call';
import type { Answer, Done, Failed, LockRequest, Row } from './request';

const USABLE = ['ACTIVE', 'UPDATING'];

/** The rows of one table; a key is the whole primary key. */
export interface LockTable {
  readonly tableName: string;
  readonly requestTimeoutMs: number;
  /** A consistent read. `item` is absent where there is no row. */
  read(key: Row, options?: CallOptions): Promise<Done | Failed>;
  /** A conditional write. A refused one tells the row as it stood. */
  write(request: LockRequest, options?: CallOptions): Promise<Answer>;
  /** Throws what the SDK throws: a cancelled transaction has its reasons. */
  transact(input: TransactWriteCommandInput, options?: CallOptions): Promise<void>;
  /** It is there and can be used. Throws what the SDK throws, but for a table that is not there. */
  exists(): Promise<boolean>;
  /** All rows, or those of one partition, a page at a time, eventually consistent. Throws what the SDK throws. */
  pages(partition: { readonly name: string; readonly value: string } | undefined, options?: PageOptions): AsyncIterable<readonly Row[]>;
}

export interface PageOptions extends CallOptions {
  /** The whole key of a row: go on behind it. */
  readonly startAfter?: Row;
  /** Most rows of a page. Default: as many as 1 MB hold. */
  readonly pageSize?: number;
}

export interface LockTableOptions {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly clock: LockClock;
  readonly requestTimeoutMs: number;
}

/** Sending, and nothing else: every answer of DynamoDB becomes one of three. */
export const createLockTable = ({ client, tableName, clock, requestTimeoutMs }: LockTableOptions): LockTable => {
  const call = <T>(run: (abortSignal: AbortSignal) => Promise<T>, { timeoutMs = requestTimeoutMs, signal }: CallOptions): Promise<T> => {
    refuseCachingNow(client);
    return within(clock, Math.min(timeoutMs, requestTimeoutMs), signal, run);
  };

  const send = (request: LockRequest, abortSignal: AbortSignal): Promise<{ readonly Attributes?: Row | undefined }> => {
    const common = { TableName: tableName, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
    switch (request.op) {
      case 'put': return client.send(new PutCommand({ ...common, ...request.input }), { abortSignal });
      case 'update': {
        // To read numbers exactly costs CPU time, and most renewals read nothing.
        const Update = request.input.ReturnValues === undefined ? UpdateCommand : ExactUpdateCommand;
        return client.send(new Update({ ...common, ...request.input }), { abortSignal });
      }
      case 'delete': return client.send(new DeleteCommand({ ...common, ...request.input }), { abortSignal });
    }
  };

  const read: LockTable['read'] = async (key, options = {}) => {
    try {
      const { Item } = await call((abortSignal) => client.send(new ExactGetCommand({ TableName: tableName, Key: key, ConsistentRead: true }), { abortSignal }), options);
      return Item ? { kind: 'done', item: Item } : { kind: 'done' };
    } catch (error) {
      return failed(error);
    }
  };

  return {
    tableName,
    requestTimeoutMs,
    read,
    write: async (request, options = {}) => {
      try {
        const { Attributes } = await call((abortSignal) => send(request, abortSignal), options);
        return Attributes ? { kind: 'done', item: Attributes } : { kind: 'done' };
      } catch (error) {
        if (!isRefusal(error)) return failed(error);
        const attempts = attemptsOf(error);
        const { Item } = error as { readonly Item?: unknown };
        // The client leaves the item of an error as the wire has it.
        if (isObject(Item)) return { kind: 'refused', item: fromAttributeMap(Item), attempts };
        // No row, or an engine that does not tell it: the difference is between a lock that is gone and one that is not.
        const now = await read(keyOf(request), options);
        if (now.kind === 'failed') return now;
        return now.item ? { kind: 'refused', item: now.item, attempts } : { kind: 'refused', attempts };
      }
    },
    transact: async (input, options = {}) => {
      await call((abortSignal) => client.send(new TransactWriteCommand(input), { abortSignal }), options);
    },
    exists: async () => {
      try {
        const { Table } = await call((abortSignal) => client.send(new DescribeTableCommand({ TableName: tableName }), { abortSignal }), {});
        return USABLE.includes(Table?.TableStatus ?? '');
      } catch (error) {
        if ((error as { readonly name?: unknown }).name === 'ResourceNotFoundException') return false;
        throw error;
      }
    },
    pages: async function* pages(partition, options = {}) {
      const { startAfter, pageSize: Limit } = options;
      let ExclusiveStartKey = startAfter;
      do {
        const page = await call((abortSignal) => partition
          ? client.send(new ExactQueryCommand({
            TableName: tableName, ExclusiveStartKey, Limit, KeyConditionExpression: '#pk = :pk',
            ExpressionAttributeNames: { '#pk': partition.name }, ExpressionAttributeValues: { ':pk': partition.value },
          }), { abortSignal })
          : client.send(new ExactScanCommand({ TableName: tableName, ExclusiveStartKey, Limit }), { abortSignal }), options);
        yield page.Items ?? [];
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey);
    },
  };
};

const keyOf = (request: LockRequest): Row => (request.op === 'put' ? request.key : request.input.Key ?? {});
