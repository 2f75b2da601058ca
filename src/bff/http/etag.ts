import { OplockStreamError } from '../../errors';
import { describeFound } from '../../found';
import type { Version } from '../version';
import { invalidPrecondition } from './errors';

/** One tag of a header, without its quotes. */
export interface EntityTag {
  readonly tag: string;
  /** `W/"…"`: equivalent, not identical. Never matches under If-Match. */
  readonly weak: boolean;
}

/** What a tag cannot hold (RFC 9110 allows `!` and `#` to `~`), and what naive parsers stumble over: `%`, `\` and `,`. */
const UNSAFE = /[^!#$&-+\--[\]-~]/gu;

/**
 * The strong ETag of a version, quotes included: `"1700000000000"`. In a version that is text, what a tag cannot hold
 * is percent-encoded. Throws `INVALID_VERSION` for what is no version.
 */
export const etagOf = (version: Version): string => {
  if (typeof version === 'number' && Number.isFinite(version)) return `"${version}"`;
  if (typeof version !== 'string' || version === '' || /\p{Surrogate}/u.test(version)) {
    throw new OplockStreamError('INVALID_VERSION', `found ${describeFound(version)}, of which no ETag can be made. Use a number, or text that is well-formed`);
  }
  return `"${version.replace(UNSAFE, encodeURIComponent)}"`;
};

/**
 * The versions that the strong ones of these tags may stand for, none for a tag that {@link etagOf} cannot have made.
 * A tag that looks like a number stands for the number and for the same text: only one of them is in the table.
 */
export const versionsOf = (tags: readonly EntityTag[]): readonly Version[] =>
  [...new Set(tags.flatMap(({ tag, weak }) => (weak ? [] : candidates(tag))))];

const candidates = (tag: string): readonly Version[] =>
  [Number(tag), decode(tag)].filter((version) => version !== undefined && version !== '' && !Number.isNaN(version) && isTagOf(tag, version)) as Version[];

/** Tags are compared by character: `"%31"` is not `"1"`, though both decode to the same. */
const isTagOf = (tag: string, version: Version): boolean => version !== Infinity && version !== -Infinity && etagOf(version) === `"${tag}"`;

const decode = (tag: string): string | undefined => {
  try {
    return decodeURIComponent(tag);
  } catch {
    return undefined;
  }
};

/** Between tags: blanks and commas, more than one of them if a proxy joined header lines that were empty. */
const ONE_TAG = /[\t ,]*(W\/)?"([!#-~\x80-\uffff]*)"[\t ]*(?=,|$)/y;

/** Reading a header of many thousand tags is nobody's wish. */
const MAX_TAGS = 100;

/**
 * The tags of an If-Match or If-None-Match, whose tags may hold commas; `'*'` for the star.
 * Throws `INVALID_PRECONDITION` (400) for anything else.
 */
export const parseTags = (header: string, name: string): '*' | readonly EntityTag[] => {
  const text = header.replace(/^[\t ,]+|[\t ,]+$/g, '');
  if (text === '*') return '*';
  const tags: EntityTag[] = [];
  const reader = new RegExp(ONE_TAG);
  while (reader.lastIndex < text.length) {
    const found = reader.exec(text);
    if (!found || tags.length === MAX_TAGS) throw invalidPrecondition(`${name}: ${found ? `more than ${MAX_TAGS} tags` : 'found what is no list of ETags'}. Send them quoted, as they were received: ${name}: "1700000000000"`);
    tags.push({ tag: found[2] ?? '', weak: found[1] !== undefined });
  }
  if (tags.length === 0) throw invalidPrecondition(`${name}: there is no ETag in it. Send the one that was received, in its quotes`);
  return tags;
};
