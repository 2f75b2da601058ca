import type { Attempt, Refusal, Refused, Result } from '../attempt/attempt';
import { compareOplocks } from '../order';
import { refusalOf } from '../plan/updates';
import type { OplockSettings } from '../settings';
import type { Write } from '../write';
import { planNarrowingDelete } from './narrowing';
import { planSidecarDelete, verdictBeside } from './sidecar-delete';
import { planPhysicalDelete, planTombstone } from './tombstone';

/**
 * A delete, with the events older than it that came with it: it overwrites whatever they would have written.
 *
 * @param writes in the order of their oplocks: the delete is the last one, which may have come more than once
 */
export const planDelete = (writes: readonly Write[], settings: OplockSettings): Attempt => {
  const newest = writes.at(-1) as Write;
  const older = writes.filter(({ oplock }) => compareOplocks(oplock, newest.oplock) < 0);
  const attempt = planAlone(newest, settings);
  return writes.length === 1 ? attempt : withOthers(attempt, older, writes.length - older.length - 1, newest, settings);
};

const planAlone = (write: Write, settings: OplockSettings): Attempt => {
  if (settings.layout) return planNarrowingDelete(write, settings.layout);
  switch (settings.deleting.kind) {
    case 'tombstone': return planTombstone(write, settings);
    case 'sidecar': return planSidecarDelete(write, settings);
    case 'physical': return planPhysicalDelete(write, settings);
  }
};

const withOthers = (attempt: Attempt, older: readonly Write[], twins: number, newest: Write, settings: OplockSettings): Attempt => ({
  ...attempt,
  results: [
    ...older.map((one, i): Result => (isTwin(older[i - 1], one) ? { kind: 'duplicate' } : { kind: 'superseded', by: newest.eventId })),
    ...attempt.results, ...Array.from({ length: twins }, (): Result => ({ kind: 'duplicate' })),
  ],
  afterRefusal: (refusal): Attempt | Refused => {
    const next = attempt.afterRefusal(refusal);
    if (next.kind === 'attempt') return withOthers(next, older, twins, newest, settings);
    const [result] = next.results as readonly [Result];
    return { kind: 'refused', results: [...refusalOfOlder(older, refusal, settings), ...Array.from({ length: twins + 1 }, () => result)] };
  },
});

const isTwin = (before: Write | undefined, one: Write): boolean => before !== undefined && compareOplocks(before.oplock, one.oplock) === 0;

const refusalOfOlder = (older: readonly Write[], refusal: Refusal, settings: OplockSettings): readonly Result[] =>
  (settings.deleting.kind === 'sidecar' ? older.map((write) => verdictBeside(refusal, write, settings)) : refusalOf(older, refusal, settings));
