import { cdc, createHandler, fromDynamodb, initializeFrom } from 'oplock-stream';
import { kinesisPublisher } from 'oplock-stream/kinesis';

const pipelines = initializeFrom([{ id: 'things', flavor: cdc, eventType: /^thing-/, publisher: kinesisPublisher({ streamName: 'events' }) }]);

export const handler = createHandler({ source: fromDynamodb, pipelines });
