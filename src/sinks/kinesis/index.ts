/**
 * Events into a Kinesis data stream: `import { kinesisPublisher } from 'oplock-stream/kinesis'`.
 * @module
 */
export type { EventPublisher, Published } from '../publish/publisher';
