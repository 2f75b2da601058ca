import { exactNumber } from '../decimal';
import { describeFound, own } from '../found';
import type { Clock } from '../uow';
import type { Change } from './change';
import { InvalidRecordError, isPlausibleTime, timestampProblem, type ContractOptions, type RecordName } from './contract';

export interface ChangeTime {
  readonly timestamp: number;
  readonly clock: Clock;
}

/**
 * When a change happened, and by which clock.
 *
 * The row's own time comes first: DynamoDB Streams round theirs down to the second, so that a delete would look
 * older than an update of the same second. Under a view of OLD_IMAGE only, the time of the new state is never in
 * the record; there the stream's clock is used throughout, rather than the row's for some changes and the
 * stream's for others.
 *
 * @throws InvalidRecordError when the row's time is there and is no plausible one: to take another clock instead
 * would silently mix two of them
 */
export const changeTime = (change: Change, attribute: string, name: RecordName, options: ContractOptions): ChangeTime => {
  if (change.viewType !== 'OLD_IMAGE') {
    if (change.kind === 'REMOVE') {
      // The delete came after the row's last write and has no time of its own. One millisecond after that write, by
      // the same clock: newer than all that the row went through, older than anything written afterwards.
      const last = rowTime(change.oldImage, 'OldImage', attribute, name, options);
      if (last !== undefined) return { timestamp: last + 1, clock: 'row' };
    } else {
      const time = rowTime(change.newImage, 'NewImage', attribute, name, options);
      if (time !== undefined) return { timestamp: time, clock: 'row' };
    }
  }
  return streamTime(change, name, options);
};

const rowTime = (image: Change['newImage'], field: string, attribute: string, name: RecordName, options: ContractOptions): number | undefined => {
  const value = own(image, attribute);
  if (value === undefined || own(value, 'NULL') === true) return undefined;
  const text = own(value, 'N');
  const number = typeof text === 'string' ? exactNumber(text) : undefined;
  const plain = number === undefined ? own(value, 'S') ?? own(value, 'N') ?? value : Number(number);
  const problem = timestampProblem(plain, options);
  if (problem) throw new InvalidRecordError(name, `dynamodb.${field}.${attribute}`, problem.found, problem.expected);
  return plain as number;
};

type Unit = readonly [toMs: (time: number) => number, clock: Clock];

const SECONDS: Unit = [(time) => Math.round(time * 1000), 'stream-second'];
const MILLISECONDS: Unit = [(time) => time, 'stream-ms'];
// The fraction is kept: over Kinesis there is no sequence number, and it alone orders changes within a millisecond.
const MICROSECONDS: Unit = [(time) => time / 1000, 'stream-ms'];

const BY_PRECISION: ReadonlyMap<unknown, Unit> = new Map([['MILLISECOND', MILLISECONDS], ['MICROSECOND', MICROSECONDS]]);

const streamTime = ({ createdAt, precision }: Change, name: RecordName, options: ContractOptions): ChangeTime => {
  const stated = BY_PRECISION.get(precision);
  if (typeof createdAt === 'number') {
    for (const [toMs, clock] of stated ? [stated] : [SECONDS, MILLISECONDS, MICROSECONDS]) {
      const timestamp = toMs(createdAt);
      if (isPlausibleTime(timestamp, options)) return { timestamp, clock };
    }
  }
  throw new InvalidRecordError(
    name,
    'dynamodb.ApproximateCreationDateTime',
    describeFound(createdAt),
    stated ? `epoch ${String(precision).toLowerCase()}s` : 'epoch seconds (DynamoDB Streams), milliseconds or microseconds (Kinesis)',
  );
};
