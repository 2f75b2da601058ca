/**
 * Events into a Kinesis data stream: `import { kinesisPublisher } from 'oplock-stream/kinesis'`.
 * Needs the optional peer `@aws-sdk/client-kinesis`.
 * @module
 */
export { kinesisPublisher, type KinesisPublisherOptions } from './kinesis-publisher';
export type { EventPublisher, Published } from '../publish/publisher';
