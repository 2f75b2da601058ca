import { OplockStreamError } from '../errors';
import type { Event } from '../event';

/** Which events: an exact type, a pattern, a predicate over the type, or a list of these (any of them). */
export type EventTypeMatcher = string | RegExp | ((type: string) => boolean) | readonly EventTypeMatcher[];

/** Types are few; a producer that makes them up must not fill the memory. */
const CACHE_LIMIT = 1000;

/**
 * A predicate for `.filter()`: `fromKinesis(event).filter(onEventType(/^thing-(created|updated)$/))`.
 * The answer for a type is computed once. Throws at construction when the matcher is not one.
 */
export const onEventType = (matcher: EventTypeMatcher) => {
  const matches = compile(matcher);
  const known = new Map<string, boolean>();
  return ({ event }: { readonly event: Event }): boolean => {
    const { type } = event;
    let answer = known.get(type);
    if (answer === undefined) {
      answer = matches(type);
      if (known.size >= CACHE_LIMIT) known.clear();
      known.set(type, answer);
    }
    return answer;
  };
};

const compile = (matcher: EventTypeMatcher): ((type: string) => boolean) => {
  if (typeof matcher === 'string') return (type) => type === matcher;
  if (typeof matcher === 'function') return (type) => Boolean(matcher(type));
  if (matcher instanceof RegExp) {
    // A global or sticky pattern remembers where it stopped: the next test would start there.
    const pattern = new RegExp(matcher.source, matcher.flags.replace(/[gy]/g, ''));
    return (type) => pattern.test(type);
  }
  if (Array.isArray(matcher) && matcher.length > 0) {
    const any = matcher.map((one: EventTypeMatcher) => compile(one));
    return (type) => any.some((one) => one(type));
  }
  throw new OplockStreamError(
    'INVALID_EVENT_TYPE',
    'eventType must be a string, a RegExp, a function of the type, or a list of these that is not empty; ' +
      `found ${Array.isArray(matcher) ? 'an empty list' : typeof matcher}`,
  );
};
