import { exactNumber } from '../../decimal';
import { OplockStreamError } from '../../errors';
import { describeFound } from '../../found';
import { isNumberText } from '../../oplock/value/number';
import { memberOf } from '../../oplock/value/type';
import { isWellFormed } from '../../oplock/value/well-formed';
import type { Item } from '../result';
import type { Settings } from '../settings';
import type { Version } from '../version';

/** The greatest number that still has a next one: beyond it, two writers of one read would make the same version. */
export const MAX_VERSION = Number.MAX_SAFE_INTEGER - 1;
/** An ETag is a header, and a header is short. */
const MAX_TEXT_BYTES = 1024;

/** The stored version; `undefined` when the item has none, or something that is none. */
export const storedVersion = (item: object, { versionName, strategy }: Settings): Version | undefined => {
  const stored = memberOf(item, versionName);
  return typeof stored === 'string' ? (typeof strategy === 'function' ? stored : undefined) : numberOf(stored);
};

/** A stored number, in whatever form the client gave it; `undefined` for what is none, or has no next one. */
const numberOf = (stored: unknown): number | undefined => {
  const wide = typeof stored === 'object' && stored !== null && isNumberText(stored) ? exactNumber(stored.value) : stored;
  const number = typeof wide === 'bigint' ? Number(wide) : wide;
  return typeof number === 'number' && Math.abs(number) <= MAX_VERSION ? number : undefined;
};

/** Throws `INVALID_ITEM` for an item whose version or timestamp is nothing that a next one could follow. */
export const checkItem = (item: Item, settings: Settings): void => {
  const { names, versionName } = settings;
  const found = [
    ...(storedVersion(item, settings) === undefined ? [versionName] : []),
    ...(numberOf(memberOf(item, names.timestamp)) === undefined ? [names.timestamp] : []),
  ].find((name) => (memberOf(item, name) ?? null) !== null);
  if (found === undefined) return;
  throw new OplockStreamError(
    'INVALID_ITEM',
    `the attribute ${found} of the item holds ${describeFound(memberOf(item, found))}, which no version can follow. Repair the item with \`force\`, or, when something else keeps the attribute, give another name in \`attributes\``,
  );
};

/** Newer than anything the item went through, whatever the clock of this machine says. */
export const nextTimestamp = (now: number, known: Item | undefined, version: Version | undefined, { names, strategy }: Settings): number => {
  const times = [known && numberOf(memberOf(known, names.timestamp)), strategy === 'timestamp' ? version : undefined];
  return times.reduce<number>((latest, time) => (typeof time === 'number' ? Math.max(latest, Math.floor(time) + 1) : latest), now);
};

/** Throws `INVALID_OPTION` when a strategy of the caller's own gives something that is no new version. */
export const nextVersion = (previous: Version | undefined, timestamp: number, now: number, { strategy }: Settings): Version => {
  if (strategy === 'timestamp') return timestamp;
  if (strategy === 'counter') return typeof previous === 'number' ? Math.floor(previous) + 1 : 1;
  const next: unknown = strategy(previous, { now });
  if (isVersion(next) && next !== previous) return next;
  throw new OplockStreamError(
    'INVALID_OPTION',
    `the function given as \`version\` returned ${describeFound(next)}: it has to return a number or a text of up to ${MAX_TEXT_BYTES} bytes that differs from the previous version`,
  );
};

const isVersion = (one: unknown): one is Version =>
  typeof one === 'string' ? one !== '' && isWellFormed(one) && Buffer.byteLength(one) <= MAX_TEXT_BYTES : typeof one === 'number' && Math.abs(one) <= MAX_VERSION;
