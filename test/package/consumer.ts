/** What somebody who installed the package would write. Kept as text: it is compiled and run in another project. */

const body = `
const sent = [];
const client = DynamoDBDocumentClient.from(
  new DynamoDBClient({ region: 'eu-west-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }),
);
// A real client, except that its requests go nowhere.
client.middlewareStack.add(
  () => async ({ request }) => { sent.push(JSON.parse(request.body)); return { output: { $metadata: {} }, response: {} }; },
  { step: 'finalizeRequest', priority: 'high', name: 'stub' },
);

const faults = [];
const handler = createHandler({
  source: fromKinesis,
  pipelines: initializeFrom([{
    id: 'things', flavor: materialize, eventType: /^thing-/,
    toWrite: ({ event }) => ({ key: { pk: event.thing.id, sk: 'thing' }, set: { name: event.thing.name } }),
  }]),
  tableName: 'things', client,
  publishFault: async (fault) => { faults.push(fault); },
  logger: { debug() {}, warn() {}, error() {} },
});

const event = toKinesisRecords([
  { id: 'e1', type: 'thing-created', timestamp: 1700000000000, partitionKey: 't1', thing: { id: 't1', name: 'one' } },
  { id: 'e2', type: 'thing-created', timestamp: 1700000000001, partitionKey: 't2' },
]);
handler(event).then((response) => console.log(JSON.stringify({
  response, sent,
  faults: faults.map(({ type, err, tags }) => ({ type, name: err.name, pipeline: tags.pipeline })),
  replay: typeof replay,
})));
`;

export const ESM = `
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createHandler, fromKinesis, initializeFrom, materialize, toKinesisRecords } from 'oplock-stream';
import { replay } from 'oplock-stream/replay';
${body}`;

export const CJS = `
const { DynamoDBClient } = require('@aws-sdk/client-dynamodb');
const { DynamoDBDocumentClient } = require('@aws-sdk/lib-dynamodb');
const { createHandler, fromKinesis, initializeFrom, materialize, toKinesisRecords } = require('oplock-stream');
const { replay } = require('oplock-stream/replay');
${body}`;

/** Each expected error shows that a type is there: if it had come to nothing it would be \`any\`, and no error. */
export const TYPES = `
import type { KinesisStreamEvent } from 'aws-lambda';
import {
  cdc, createHandler, emf, fromDynamodb, fromKinesis, initializeFrom, materialize, onEventType, toPromise, update,
  type Event, type FaultEvent, type Outcome,
} from 'oplock-stream';
import { kinesisPublisher } from 'oplock-stream/kinesis';
import { replay } from 'oplock-stream/replay';

export const trigger = createHandler({
  source: fromDynamodb,
  pipelines: initializeFrom([{ id: 'thing', flavor: cdc, publisher: kinesisPublisher({ streamName: 'things' }), toEvent: ({ event: { raw } }) => ({ thing: raw?.new }) }]),
});

interface ThingEvent extends Event {
  readonly thing: { readonly id: string; readonly name: string };
}

const pipelines = initializeFrom([
  { id: 'thing', flavor: materialize<ThingEvent>, eventType: 'thing-created', toWrite: ({ event }) => ({ key: { pk: event.thing.id }, set: { name: event.thing.name } }) },
]);

export const handler = createHandler({ source: fromKinesis, pipelines, tableName: 'things', metrics: emf({ namespace: 'Things' }), publishFault: async (fault: FaultEvent) => fault.id });

export const low = (event: KinesisStreamEvent) =>
  fromKinesis<ThingEvent>(event)
    .filter(onEventType(/thing-(created|updated)/))
    .map((uow) => ({ ...uow, updateRequest: { Key: { pk: uow.event.thing.id }, UpdateExpression: 'SET #n = :n', ExpressionAttributeNames: { '#n': 'name' }, ExpressionAttributeValues: { ':n': uow.event.thing.name } } }))
    .through(update({ tableName: 'things', concurrency: 16 }))
    .through(toPromise);

export const kinds: Outcome['kind'][] = ['applied', 'stale'];
export const failures = async (event: KinesisStreamEvent): Promise<string[]> => (await low(event)).batchItemFailures.map((item) => item.itemIdentifier);

// @ts-expect-error the result is a promise
export const wrong: number = low;
// @ts-expect-error a stream of uows is no promise
export const stream: Promise<unknown> = fromKinesis<ThingEvent>({ Records: [] });
// @ts-expect-error pipelines are missing
createHandler({ source: fromKinesis });
// @ts-expect-error there is no such outcome
export const kind: Outcome['kind'] = 'lost';
// @ts-expect-error the namespace is missing
emf({});
// @ts-expect-error replay takes options
replay(7);
`;
