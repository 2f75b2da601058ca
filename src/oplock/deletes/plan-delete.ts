import type { Attempt, Refused, Result } from '../attempt/attempt';
import { refusalOf } from '../plan/updates';
import type { OplockSettings } from '../settings';
import type { Write } from '../write';
import { planNarrowingDelete } from './narrowing';
import { planTombstone } from './tombstone';

/** A delete, and the events older than it that came with it: it overwrites whatever they would have written. */
export const planDelete = (older: readonly Write[], write: Write, settings: OplockSettings): Attempt =>
  withOlder(older, write, settings, settings.layout ? planNarrowingDelete(write, settings.layout) : planTombstone(write, settings));

const withOlder = (older: readonly Write[], write: Write, settings: OplockSettings, attempt: Attempt): Attempt => ({
  ...attempt,
  results: [...older.map(({ eventId }): Result => (eventId === write.eventId ? { kind: 'duplicate' } : { kind: 'superseded', by: write.eventId })), ...attempt.results],
  afterRefusal: (refusal): Attempt | Refused => {
    const next = attempt.afterRefusal(refusal);
    if (next.kind === 'attempt') return withOlder(older, write, settings, next);
    return { kind: 'refused', results: [...refusalOf(older, refusal, settings), ...next.results] };
  },
});
