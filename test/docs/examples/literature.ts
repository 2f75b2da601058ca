import type { Context, KinesisStreamEvent } from 'aws-lambda';
import { fromKinesis, onEventType, toPromise, update, type Event, type Uow } from '../../../src';

interface ThingEvent extends Event {
  readonly thing: { readonly id: string; readonly name: string };
}

const toUpdateRequest = (uow: Uow<ThingEvent>) => ({
  ...uow,
  updateRequest: {
    Key: { pk: uow.event.thing.id, sk: 'thing' },
    ExpressionAttributeNames: { '#name': 'name', '#oplock': 'oplock' },
    ExpressionAttributeValues: { ':name': uow.event.thing.name, ':timestamp': uow.event.timestamp },
    UpdateExpression: 'SET #name = :name, #oplock = :timestamp',
    ConditionExpression: 'attribute_not_exists(#oplock) OR :timestamp > #oplock',
  },
});

const save = update(); // once, outside the handler: it owns the client

export const handler = async (event: KinesisStreamEvent, context: Context) =>
  fromKinesis<ThingEvent>(event, { context })
    .filter(onEventType(/^thing-(created|updated)$/))
    .map(toUpdateRequest)
    .through(save)
    .through(toPromise); // → { batchItemFailures: [] }
