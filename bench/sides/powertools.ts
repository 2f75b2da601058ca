import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { KinesisStreamRecord } from 'aws-lambda';
import { readEvent, toUpdate } from './plain';
import type { Listener, ListenerSettings } from './settings';

/** Powertools handles the records; the write is up to its user, and so is the order of the writes of an item: all start at once. */
const listener = ({ tableName }: ListenerSettings, config: DynamoDBClientConfig): Listener => {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(config));
  const processor = new BatchProcessor(EventType.KinesisDataStreams);
  const recordHandler = async (record: KinesisStreamRecord): Promise<void> => {
    await client.send(new UpdateCommand(toUpdate(tableName, readEvent(record)))).catch((error: Error) => {
      if (error.name !== 'ConditionalCheckFailedException') throw error;
    });
  };
  return (event) => processPartialResponse(event, recordHandler, processor);
};

/** As its documentation shows. */
export const documented = (settings: ListenerSettings): Listener => listener(settings, {});

/** As many sockets as it starts requests at once would be 1,000; more than 100 did not help. */
export const best = (settings: ListenerSettings): Listener => 
  listener(settings, { requestHandler: { httpAgent: { maxSockets: 100 }, httpsAgent: { maxSockets: 100 }, socketAcquisitionWarningTimeout: 60_000 } });
