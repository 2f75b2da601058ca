import { OplockStreamError } from '../errors';
import { describeFound } from '../found';
import type { Uow } from '../uow';
import type { OplockOptions } from './options';
import type { Oplock } from './order';
import { isWellFormed } from './value/well-formed';

/** DynamoDB takes 1,024 bytes of a sort key and the tie may become part of an index; more is a payload, not a tie. */
const MAX_TIE_BYTES = 1024;

/**
 * The oplock of an event. Throws `SECOND_PRECISION` for a time that is truncated to the second, `NO_SEQUENCE` where
 * the source has none, `INVALID_WRITE` for an event without a usable time or tie.
 */
export const oplockOf = (uow: Uow, options: OplockOptions): Oplock => ({ at: atOf(uow, options), tie: tieOf(uow, options) });

const atOf = (uow: Uow, { by = 'timestamp' }: OplockOptions): number | string => {
  if (by === 'sequence') return sequenceOf(uow, 'oplock');
  const { event, origin } = uow;
  if (origin.clock === 'stream-second') {
    throw new OplockStreamError(
      'SECOND_PRECISION',
      'the only time of this change is the stream\'s approximate one, truncated to the second: it would lose against every update of the '
        + 'same second. Put a millisecond `timestamp` on the row, or use `oplock: { by: \'sequence\' }`',
    );
  }
  const { timestamp } = event;
  if (typeof timestamp === 'number' && timestamp >= 0 && timestamp <= Number.MAX_SAFE_INTEGER) return timestamp;
  throw new OplockStreamError('INVALID_WRITE', `event.timestamp: found ${describeFound(timestamp)} where epoch milliseconds belong`);
};

const tieOf = (uow: Uow, { tie }: OplockOptions): string => {
  if (tie === 'sequence') return sequenceOf(uow, 'tie');
  if (tie === undefined && uow.origin.tie !== undefined) return uow.origin.tie;
  const [found, where]: [unknown, string] = tie === 'eventId' || tie === undefined ? [uow.event.id, 'event.id'] : [tie(uow), 'the result of oplock.tie'];
  if (typeof found === 'string' && found !== '' && Buffer.byteLength(found) <= MAX_TIE_BYTES && isWellFormed(found)) return found;
  throw new OplockStreamError(
    'INVALID_WRITE',
    `${where}: found ${describeFound(found)} where a text of 1 to ${MAX_TIE_BYTES} bytes belongs, the same for every delivery of the event`,
  );
};

const sequenceOf = ({ origin }: Uow, part: 'oplock' | 'tie'): string => {
  if (origin.sequence !== undefined) return origin.sequence;
  throw new OplockStreamError(
    'NO_SEQUENCE',
    `the ${part} is to be the broker's sequence number, and ${origin.source} gives none that orders changes: use `
      + (part === 'oplock' ? '`oplock: { by: \'timestamp\' }`' : '`oplock: { tie: \'eventId\' }`'),
  );
};
