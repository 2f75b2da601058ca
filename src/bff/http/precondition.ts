import { ABSENT, PRESENT, type Expected, type ExpectedPresent, type Version } from '../version';
import { invalidPrecondition, PreconditionRequiredError } from './errors';
import { parseTags, versionsOf, type EntityTag } from './etag';
import { headerOf, type RequestHeaders } from './headers';

/** `*`, or the tags of a header. */
export type Tags = '*' | readonly EntityTag[];

/** What a request wants to be true before it is carried out. */
export type Precondition =
  | { readonly kind: 'none' }
  /** The item is one of these; `*`: there is one. */
  | { readonly kind: 'ifMatch'; readonly ifMatch: Tags }
  /** The item is none of these; `*`: there is none. */
  | { readonly kind: 'ifNoneMatch'; readonly ifNoneMatch: Tags }
  /** If-Match is looked at first (RFC 9110, 13.2.2): when it is false, If-None-Match does not matter any more. */
  | { readonly kind: 'both'; readonly ifMatch: Tags; readonly ifNoneMatch: Tags };

export interface PreconditionOptions {
  /** Whether a request without a precondition is refused with 428. Default `true`; pass `false` for safe methods. */
  readonly required?: boolean;
}

/**
 * Reads If-Match and If-None-Match.
 *
 * Throws `PRECONDITION_REQUIRED` (428) when there is neither, `INVALID_PRECONDITION` (400) when one cannot be read.
 */
export const preconditionOf = (headers: RequestHeaders | undefined, { required = true }: PreconditionOptions = {}): Precondition => {
  const ifMatch = read(headers, 'If-Match');
  const ifNoneMatch = read(headers, 'If-None-Match');
  if (ifMatch && ifNoneMatch) return { kind: 'both', ifMatch, ifNoneMatch };
  if (ifMatch) return { kind: 'ifMatch', ifMatch };
  if (ifNoneMatch) return { kind: 'ifNoneMatch', ifNoneMatch };
  if (required) throw new PreconditionRequiredError();
  return { kind: 'none' };
};

const read = (headers: RequestHeaders | undefined, name: string): Tags | undefined => {
  const text = headerOf(headers, name.toLowerCase());
  return text === undefined ? undefined : parseTags(text, name);
};

/** What the command is for: `update` also stands for `remove`. */
export type ExpectedFor = { readonly update: ExpectedPresent; readonly upsert: Expected; readonly any: Expected };

/**
 * What a command has to expect so that the precondition holds. Comparison is strong: weak tags match nothing, and
 * a list in which nothing can match expects one of no versions, which no item has.
 *
 * Say for which command, to get its type: an `update` cannot expect that there is nothing. What is expressible as a
 * header but not as a command's expectation is `INVALID_PRECONDITION` (400).
 * Where no precondition is asked for (`required: false`), an update takes any version; an `upsert` is refused with
 * `PRECONDITION_REQUIRED`, because writing without looking is what `force` is for.
 */
export const expectedOf = <F extends keyof ExpectedFor = 'any'>(precondition: Precondition, command?: F): ExpectedFor[F] => {
  const expected = toExpected(precondition);
  if (command === 'update' && expected === ABSENT) throw invalidPrecondition('If-None-Match: * creates, and this request changes what is there. Send If-Match with the ETag that was read');
  if (command === 'upsert' && precondition.kind === 'none') throw new PreconditionRequiredError();
  return expected as ExpectedFor[F];
};

const toExpected = (precondition: Precondition): Expected => {
  switch (precondition.kind) {
    case 'none': return PRESENT;
    case 'ifMatch': return precondition.ifMatch === '*' ? PRESENT : versionsOf(precondition.ifMatch);
    case 'ifNoneMatch': return precondition.ifNoneMatch === '*' ? ABSENT : notExpressible();
    case 'both': return ofBoth(precondition.ifMatch, precondition.ifNoneMatch);
  }
};

/** There is an item of these versions, and it is not one of those. */
const ofBoth = (ifMatch: Tags, ifNoneMatch: Tags): readonly Version[] => {
  if (ifNoneMatch === '*') return [];
  if (ifMatch === '*') return notExpressible();
  return versionsOf(ifMatch.filter(({ tag }) => !ifNoneMatch.some((other) => other.tag === tag)));
};

const notExpressible = (): never => {
  throw invalidPrecondition('If-None-Match with ETags is for reading. To change something, send If-Match with the ETag that was read');
};
