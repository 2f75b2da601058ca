import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchExecuteStatementCommand, DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { KinesisStreamRecord } from 'aws-lambda';
import { readEvent, toStatement, toUpdate } from './plain';
import type { Listener, ListenerSettings } from './settings';

const IN_FLIGHT = 16;
const STATEMENTS = 25;

/** Runs the jobs, so many at once. */
const pool = async (jobs: Iterator<() => Promise<unknown>>): Promise<void> => {
  const work = async (): Promise<void> => {
    for (let job = jobs.next(); !job.done; job = jobs.next()) await job.value();
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
};

const documentClient = (): DynamoDBDocumentClient => DynamoDBDocumentClient.from(new DynamoDBClient({}));

/** A hand-written loop: decode, build, send. No retries, no order of the writes of an item, no outcomes, no faults. */
export const single = ({ tableName }: ListenerSettings): Listener => {
  const client = documentClient();
  function* jobs(records: readonly KinesisStreamRecord[]) {
    for (const record of records) yield () => client.send(new UpdateCommand(toUpdate(tableName, readEvent(record))));
  }
  return ({ Records }) => pool(jobs(Records));
};

/** The same with 25 statements in a request: the limit of what can be had. It takes items that are there, one event for each. */
export const batch = ({ tableName }: ListenerSettings): Listener => {
  const client = documentClient();
  const send = async (records: readonly KinesisStreamRecord[]): Promise<void> => {
    const { Responses = [] } = await client.send(new BatchExecuteStatementCommand({ Statements: records.map((record) => toStatement(tableName, readEvent(record))) }));
    const failed = Responses.find((response) => response.Error);
    if (failed) throw new Error(`a statement failed: ${String(failed.Error?.Code)} ${String(failed.Error?.Message)}`);
  };
  function* jobs(records: readonly KinesisStreamRecord[]) {
    for (let i = 0; i < records.length; i += STATEMENTS) {
      const some = records.slice(i, i + STATEMENTS);
      yield () => send(some);
    }
  }
  return ({ Records }) => pool(jobs(Records));
};
