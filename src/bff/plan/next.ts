import { describeFound } from '../../found';
import { memberOf } from '../../oplock/value/type';
import type { Item } from '../result';
import type { Settings } from '../settings';
import type { Version } from '../version';
import { invalidCommand } from './attributes-to-set';

/** The stored version; `undefined` when the item has none. Throws `INVALID_COMMAND` for one of another type. */
export const storedVersion = (item: object, { versionName }: Settings): Version | undefined => {
  const version = memberOf(item, versionName);
  if (version === undefined || version === null || typeof version === 'number' || typeof version === 'string') return version ?? undefined;
  throw invalidCommand(`the attribute ${versionName} of the item holds ${describeFound(version)}, which is no version. Repair the item, or name another attribute with \`attributes\``);
};

/** Newer than anything the item went through, whatever the clock of this machine says. */
export const nextTimestamp = (now: number, known: Item | undefined, version: Version | undefined, { names, strategy }: Settings): number => {
  const times = [known && memberOf(known, names.timestamp), strategy === 'timestamp' ? version : undefined];
  return times.reduce<number>((latest, time) => (typeof time === 'number' && Number.isFinite(time) ? Math.max(latest, Math.floor(time) + 1) : latest), now);
};

/** Throws `INVALID_OPTION` when a strategy of the caller's own gives something that is no new version. */
export const nextVersion = (previous: Version | undefined, timestamp: number, now: number, { strategy }: Settings): Version => {
  if (strategy === 'timestamp') return timestamp;
  if (strategy === 'counter') return typeof previous === 'number' ? previous + 1 : 1;
  const next: unknown = strategy(previous, { now });
  if ((typeof next === 'string' && next !== '') || (typeof next === 'number' && Number.isFinite(next))) {
    if (next !== previous) return next;
  }
  throw invalidCommand(`the function given as \`version\` returned ${describeFound(next)}: it has to return a number or a text that differs from the previous version`);
};
