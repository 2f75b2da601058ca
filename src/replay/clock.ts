import _ from 'highland';
import { OplockStreamError, isOplockStreamError } from '../errors';
import type { Logger } from '../logger';
import type { Source } from '../sources/source';
import type { StreamEvent } from './fixture/read';

export const silentLogger: Logger = { debug: () => {}, warn: () => {}, error: () => {} };

/**
 * The latest time, epoch ms, that one of the events bears; undefined without any. A replay takes it for
 * "now": what is computed from the clock, such as a tombstone's ttl, then depends on the fixture alone.
 * Throws what the source throws when the records are of another kind of stream, and says which invocation it is.
 */
export const latestTimestamp = async (source: Source<StreamEvent>, events: readonly StreamEvent[]): Promise<number | undefined> => {
  let latest: number | undefined;
  for (const [i, event] of events.entries()) {
    await new Promise<void>((resolve) => {
      source(event, { logger: silentLogger })
        .consume((error, uow, _push, next) => {
          if (error) return next();
          if (_.isNil(uow)) return resolve();
          if (latest === undefined || uow.event.timestamp > latest) latest = uow.event.timestamp;
          return next();
        })
        .resume();
    }).catch((error: unknown) => {
      if (!isOplockStreamError(error)) throw error;
      throw new OplockStreamError(error.code, `${error.message} (Invocation ${i + 1} of the fixtures.)`, { cause: error });
    });
  }
  return latest;
};
