import { isOplockStreamError, OplockStreamError } from '../errors';
import { describeFound, quote } from '../found';
import type { Uow } from '../uow';
import type { OplockOptions } from './options';

const DEFAULT_MAX_FUTURE_SKEW = 300_000;
const CODE = 'FUTURE_EVENT';

/** The event's time is further ahead of this function's clock than can be true. Its time or its clock cures it, no retry. */
export class FutureEventError extends OplockStreamError {
  override readonly name: string = 'FutureEventError';

  constructor(id: unknown, timestamp: number, aheadMs: number, maxFutureSkew: number) {
    super(
      CODE,
      `event ${typeof id === 'string' ? quote(id) : describeFound(id)} bears the time ${shown(timestamp)}, ${aheadMs} ms ahead of this function's clock, `
        + `and oplock.maxFutureSkew allows ${maxFutureSkew}. It is not written, for nothing could change its item until then. `
        + 'Mend the producer\'s clock and the event\'s timestamp, or resubmit the record when its time has come',
      { details: { timestamp, aheadMs, maxFutureSkew } },
    );
  }
}

/** No calendar goes as far as the numbers do. */
const shown = (time: number): string => {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
};

/** By how many ms the event was ahead, if this is what the error says. Known by its code: an application may have loaded both builds. */
export const aheadOf = (error: unknown): number | undefined => {
  if (!isOplockStreamError(error) || error.code !== CODE) return undefined;
  const { aheadMs } = error.details;
  return typeof aheadMs === 'number' ? aheadMs : undefined;
};

/** How far ahead an event may be, in ms. Throws `INVALID_OPTION` for what is no number of at least 0. */
export const maxFutureSkewOf = ({ maxFutureSkew = DEFAULT_MAX_FUTURE_SKEW }: OplockOptions = {}): number => {
  if (typeof maxFutureSkew === 'number' && maxFutureSkew >= 0) return maxFutureSkew;
  throw new OplockStreamError(
    'INVALID_OPTION',
    `oplock.maxFutureSkew: found ${describeFound(maxFutureSkew)} where milliseconds belong, 0 or more, or Infinity to switch it off`,
  );
};

/**
 * Throws a {@link FutureEventError} for an oplock that is a time too far ahead of `now`: once stored, it would win against
 * every event of its item until that time has come. An oplock of another kind (`by: 'sequence'`) passes.
 */
export const refuseFuture = (at: unknown, { event }: Partial<Uow>, now: number, maxFutureSkew: number): void => {
  if (typeof at === 'number' && at - now > maxFutureSkew) throw new FutureEventError(event?.id, at, at - now, maxFutureSkew);
};
