import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { ThingEvent } from '../lib/things';
import { readEvent, toUpdate } from './plain';
import type { Listener, ListenerSettings } from './settings';

const IN_FLIGHT = 16;

/** By hand, with the order of each item kept: the earliest event whose item is idle goes next. */
export const lanes = ({ tableName }: ListenerSettings): Listener => {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  return async ({ Records }) => {
    const waiting: ThingEvent[] = Records.map(readEvent);
    const busy = new Set<string>();
    const running = new Set<Promise<void>>();
    const run = async (event: ThingEvent): Promise<void> => {
      busy.add(event.thing.id);
      await client.send(new UpdateCommand(toUpdate(tableName, event)));
      busy.delete(event.thing.id);
    };
    while (waiting.length > 0 || running.size > 0) {
      const next = running.size < IN_FLIGHT ? waiting.findIndex(({ thing: { id } }) => !busy.has(id)) : -1;
      if (next < 0) {
        await Promise.race(running);
        continue;
      }
      const [event] = waiting.splice(next, 1) as [ThingEvent];
      const job: Promise<void> = run(event).finally(() => running.delete(job));
      running.add(job);
    }
  };
};
