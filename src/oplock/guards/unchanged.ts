import { OplockStreamError } from '../../errors';
import { describeFound } from '../../found';
import { somePass, type Attempt, type Result } from '../attempt/attempt';
import type { Requirement } from '../attempt/requirement';
import type { OplockOptions } from '../options';
import { equalValues } from '../value/compare';
import { memberOf } from '../value/type';
import type { Write } from '../write';
import { hashOf, isContained } from './content';

/** Throws `INVALID_OPTION` for what is no option, and where a skipped write could make an item end wrong, or the hash would be of no use. */
export const checkSkipUnchanged = ({ skipUnchanged, hashAttribute, by = 'timestamp', groups, reduce, sourceScope }: OplockOptions): void => {
  if (skipUnchanged !== undefined && typeof skipUnchanged !== 'boolean') throw invalid(`found ${describeFound(skipUnchanged)} where true or false belongs`);
  if (skipUnchanged !== true) {
    if (hashAttribute === undefined) return;
    throw new OplockStreamError('INVALID_OPTION', 'oplock.hashAttribute names the attribute of a hash, and there is none: give `skipUnchanged: true`, too, or leave it out');
  }
  if (by !== 'sequence') throw invalid(UNSAFE);
  if (groups !== undefined) throw invalid('it cannot go with groups: there is one hash for an item, which events of different groups would overwrite in turn. Leave groups out: where events arrive in order, as they must here, parts of an item need no oplocks of their own');
  if (sourceScope !== undefined) throw invalid('it cannot go with sourceScope: there is one hash for an item, which the sources would overwrite in turn. Leave one of them out');
  if (reduce !== undefined) throw invalid('it cannot go with reduce: an event that counts changes the item each time. Keep counters in items of their own, and leave it out in their rules');
};

const UNSAFE = 'it cannot go with by: \'timestamp\'. A skipped write leaves the older oplock on the item: stored is A@100, B@150 is late, A@200 arrives and is skipped, '
  + 'and then B@150 is applied: the item ends as B, though A is newer. It is safe where the events of an item arrive in order, and redelivery starts again from a checkpoint: '
  + '`by: \'sequence\'`. With timestamps leave it out, and let the stream\'s consumers leave out such changes: the step `outUnchanged`, or `skipUnchanged` in a rule of `cdc`, which are always safe';

/**
 * The attempt, for updates that are not sent where the newest one before said the same. The hash only asks: a refusal
 * because of it is believed when the old item has all that would be written, else the update is sent without it. So another
 * writer of the row, or two contents of one hash, cost a request and nothing more.
 *
 * A skipped update leaves the oplock of the one before, so what lies between the two can be applied when it comes again. All
 * of that said the same, or comes again with what came after it. That is why events folded together are asked about only when
 * they all say the same: what the last one replaced would not be too old.
 */
export const skippingUnchanged = (attempt: Attempt, writes: readonly Write[], attribute: string): Attempt => {
  const newest = writes.at(-1) as Write;
  if (newest.kind !== 'update') return attempt;
  const hash = hashOf(newest);
  const marked = (one: Attempt, asks: boolean): Attempt => ({
    ...one,
    set: { ...one.set, [attribute]: hash },
    requires: [...one.requires, ...(asks ? [{ is: 'differs', attribute, from: hash } satisfies Requirement] : [])],
    afterRefusal: (refusal) => {
      const next = one.afterRefusal(refusal);
      if (next.kind === 'attempt') return marked(next, asks);
      const { item } = refusal;
      const asked = asks && item !== undefined && equalValues(memberOf(item, attribute), hash) && somePass(next.results);
      if (!asked) return next;
      return isContained(newest, item) ? { kind: 'refused', results: one.results.map(unwritten) } : marked(one, false);
    },
  });
  return marked(attempt, writes.every((write) => hashOf(write) === hash));
};

const unwritten = (result: Result): Result => (result.kind === 'applied' ? { kind: 'unchanged' } : result);

const invalid = (message: string): OplockStreamError => new OplockStreamError('INVALID_OPTION', `oplock.skipUnchanged: ${message}`);
