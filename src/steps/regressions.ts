import _ from 'highland';
import { OplockStreamError } from '../errors';
import { describeFound, isObject, own } from '../found';
import { accountable, invocationOf, stageOf } from '../ledger/accountable';
import { entryOf } from '../ledger/entry';
import { Invocation } from '../ledger/invocation';
import { recordRegression } from '../metrics/regression-metrics';
import type { OplockOptions } from '../oplock/options';
import { findRegression, type Regression } from '../oplock/regression/regression';
import type { Rows } from '../oplock/regression/rows';
import { settingsOf } from '../oplock/settings';
import type { Uow } from '../uow';
import { leaveOut } from './leave-out';
import { mapTo } from './map-to';

export interface RegressionsOptions {
  /** How writes of the table carry their oplock. Default: as `update`'s. */
  readonly oplock?: OplockOptions;
  /** The attributes of the table's key. Default: as the stream's record names them. */
  readonly key?: readonly string[];
}

/**
 * For the stream of a global table: finds the changes in which a stored oplock went backwards, because another region wrote
 * an older event later, and adds `uow.regression`, which brings the newer state back when it is given to `update()`:
 * `fromDynamodb(event, { ignoreReplicas: false }).through(regressions()).through(update())`. All others end as `filtered`.
 *
 * Needs both images: a stream with fewer is a fault, `NO_IMAGES`. A row that is gone is never brought back. Counts
 * `oplock.regression`, and logs one warning for each invocation that found some. Throws `INVALID_OPTION` at once.
 */
export const regressions = ({ oplock, key }: RegressionsOptions = {}) => {
  const rows = settingsOf(oplock);
  if (rows.scopeOf) throw new OplockStreamError('INVALID_OPTION', 'regressions: rows of several sources (oplock.sourceScope) have no one oplock that could go backwards. Leave the step out for such a table');
  if (key !== undefined && !(Array.isArray(key) && (key.length === 1 || key.length === 2) && key.every((name) => typeof name === 'string' && name !== ''))) {
    throw new OplockStreamError('INVALID_OPTION', 'regressions({ key }) takes the names of the attributes of the table\'s key, for example `[\'pk\', \'sk\']`');
  }

  return <U extends Uow>(source: Highland.Stream<U>): Highland.Stream<U & { readonly regression: Regression }> => {
    const { now } = invocationOf(source) ?? new Invocation();
    const found = source
      .through(mapTo('regression', (uow: U) => regressionOf(uow, rows, key)))
      .through(leaveOut(({ regression }) => reasonAgainst(regression, now() + rows.maxFutureSkew)));
    return found.through(reported) as Highland.Stream<U & { readonly regression: Regression }>;
  };
};

const regressionOf = ({ event: { raw }, record, origin }: Uow, rows: Rows, key: readonly string[] | undefined): Regression | undefined => {
  const dynamodb = own(record, 'dynamodb');
  const viewType = own(dynamodb, 'StreamViewType');
  if (viewType !== undefined && viewType !== 'NEW_AND_OLD_IMAGES') {
    throw new OplockStreamError('NO_IMAGES', `regressions: the table's stream must show NEW_AND_OLD_IMAGES, found ${describeFound(viewType)}, because two states of a row are compared`);
  }
  if (!raw?.old || !raw.new) return undefined; // created, or gone
  const keys = own(dynamodb, 'Keys');
  const regression = findRegression(raw.old, raw.new, key ?? (isObject(keys) ? Object.keys(keys) : ['pk', 'sk']), rows);
  const tableName = /^arn:[^:]*:dynamodb:[^:]*:[^:]*:table\/([^/]+)/.exec(origin.sourceScope)?.[1];
  return regression && { ...regression, ...(tableName !== undefined && { tableName }) };
};

/** Nothing could change a row whose oplock is from the future: who lowers it frees the row, and is not to be undone. */
const reasonAgainst = (regression: Regression | undefined, latest: number): string | undefined => {
  if (regression === undefined) return 'no oplock went backwards';
  return regression.newestAt !== undefined && regression.newestAt > latest ? 'it went back from the future' : undefined;
};

interface Found {
  readonly regression: Regression | undefined;
  readonly origin: Uow['origin'];
}

/** Counts, and tells an operator: never with a payload. */
const reported = <U extends Found>(source: Highland.Stream<U>): Highland.Stream<U> => {
  const invocation = invocationOf(source);
  if (!invocation) return source;
  const { logger, metrics } = invocation;
  let first: Record<string, unknown> | undefined;
  let [count, byMs] = [0, 0];
  const output = source.consume<U>((error, uow, push, next) => {
    if (error) push(error);
    else if (_.isNil(uow)) {
      if (first) logger.warn('oplock-stream: stored oplocks went backwards: another region wrote older events later. The newer state is written again', { ...first, count, byMs });
      return push(null, _.nil);
    } else {
      const pipeline = entryOf(uow)?.pipeline ?? '';
      const back = uow.regression?.byMs;
      first ??= { pipeline, record: uow.origin.identifier };
      count += 1;
      byMs = Math.max(byMs, back ?? 0);
      if (metrics) recordRegression(metrics, pipeline, back);
      push(null, uow);
    }
    return next();
  });
  return accountable(output, invocation, stageOf(source));
};
