import { OplockStreamError } from '../errors';
import { describeFound, isObject, quote } from '../found';
import { MAX_DAYS, type OplockOptions } from './options';

/** Every name there is; the compiler sees to it that none is missing. */
const KNOWN: Readonly<Record<keyof OplockOptions, true>> = {
  by: true, tie: true, attribute: true, tieAttribute: true, deletedAttribute: true, ttlAttribute: true, onDelete: true, keepForDays: true,
  maxFutureSkew: true, groups: true, deletionAttribute: true, deletionTieAttribute: true, sourceScope: true, epoch: true, onUnversioned: true,
  epochAttribute: true, skipUnchanged: true, hashAttribute: true, reduce: true, allowCounters: true,
};

/**
 * Rules modules may be JavaScript, where no compiler finds an option that is misspelt: without its guard a table is wrong, and
 * nothing says so. Options with a module of their own are checked there.
 *
 * @throws OplockStreamError `INVALID_OPTION`
 */
export const checkOptions = (options: unknown): void => {
  if (!isObject(options)) throw invalid('oplock', options, 'an object of options');
  refuseUnknown('oplock', options, Object.keys(KNOWN));
  const { by, tie, keepForDays, allowCounters } = options;
  if (by !== undefined && by !== 'timestamp' && by !== 'sequence') throw invalid('oplock.by', by, "'timestamp' or 'sequence'");
  if (tie !== undefined && tie !== 'eventId' && tie !== 'sequence' && typeof tie !== 'function') {
    throw invalid('oplock.tie', tie, "'eventId', 'sequence' or a function of the uow");
  }
  if (keepForDays !== undefined && !(typeof keepForDays === 'number' && keepForDays > 0 && keepForDays <= MAX_DAYS)) {
    throw invalid('oplock.keepForDays', keepForDays, `a number of days, up to ${MAX_DAYS},`);
  }
  if (allowCounters !== undefined && typeof allowCounters !== 'boolean') throw invalid('oplock.allowCounters', allowCounters, 'true or false');
};

/** @throws OplockStreamError `INVALID_OPTION` for a name that is not among the known ones. */
export const refuseUnknown = (where: string, options: Readonly<Record<string, unknown>>, known: readonly string[]): void => {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new OplockStreamError('INVALID_OPTION', `${where}: there is no option ${quote(unknown)}. Correct or remove it; there are: ${known.join(', ')}`);
};

const invalid = (where: string, found: unknown, wanted: string): OplockStreamError =>
  new OplockStreamError('INVALID_OPTION', `${where}: found ${describeFound(found)} where ${wanted} belongs`);
