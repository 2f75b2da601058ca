import { elapsedSince, instantOf, pause } from '../clock';
import { LockBackendError } from '../errors';
import { backoff } from '../pacing';
import type { Answer } from '../table/request';
import { collectAt } from './collect';
import type { Held } from './held';
import { whose, type Loss, type Mine } from './judge';
import { deleteRequest, keepRequest } from './requests';
import { readRow } from './row';
import type { Settings } from './settings';

export interface Release {
  readonly onRelease: 'delete' | 'keep';
  readonly data?: Uint8Array | undefined;
}

/** What the answer to a release means. `behind`: the row has a version of ours that is not the one that was named. */
export type ReleaseVerdict =
  | { readonly kind: 'released' }
  | Loss
  | { readonly kind: 'behind'; readonly rvn: string }
  | { readonly kind: 'failed'; readonly error: unknown; readonly permanent: boolean };

/** What one release after the other has tried, until the table has answered. */
export interface Tried {
  /** The versions that a kept row was to get. */
  readonly sent: Set<string>;
  /** An earlier try had no answer. */
  unsure: boolean;
  /** The lease had not run out when the first release began. */
  readonly wasHeld: boolean;
}

export const nothingTried = (held: Held): Tried => ({ sent: new Set(), unsure: false, wasHeld: held.remaining() > 0 });

export interface Sent extends Mine, Readonly<Omit<Tried, 'sent'>> {
  readonly onRelease: 'delete' | 'keep';
  readonly sent: ReadonlySet<string>;
}

/** Pure. */
export const judgeRelease = (answer: Answer, mine: Sent): ReleaseVerdict => {
  if (answer.kind === 'done') return { kind: 'released' };
  if (answer.kind === 'failed') return answer;
  const { item } = answer;
  const read = item && readRow(item, mine.identity.schema);
  if (read?.kind === 'lock' && read.row.released && mine.sent.has(read.row.rvn)) return { kind: 'released' };
  const found = whose(item, mine);
  if (found.kind === 'lost') {
    // The SDK may have tried more than once, too: then an earlier try has released it, and whoever is in the row has come after that.
    const wasOurs = (mine.unsure || answer.attempts > 1) && (mine.wasHeld || (!item && mine.onRelease === 'delete'));
    return wasOurs ? { kind: 'released' } : found;
  }
  return found.rvn === mine.confirmed
    ? { kind: 'failed', error: new Error('the table refused the release of the version that it has'), permanent: false }
    : { kind: 'behind', rvn: found.rvn };
};

const MAX_TRIES = 4;

/**
 * Gives a lease back. Tries again while the lease lasts, because others wait for it; after that the row runs out by itself.
 * Throws LockBackendError when nobody knows what came of it.
 */
export const releaseHeld = (settings: Settings, held: Held, { onRelease, data }: Release, tried: Tried): Promise<'released' | 'lost'> =>
  held.ending(async () => {
    const { table, clock, newId, random } = settings;
    const { identity } = held;
    const start = instantOf(clock);
    try {
      for (let tries = 1; ; tries += 1) {
        const { confirmed, pending } = held.versions();
        const rvn = newId();
        tried.sent.add(rvn);
        const answer = await table.write(onRelease === 'delete'
          ? deleteRequest(identity, confirmed)
          : keepRequest(identity, confirmed, { rvn, data, ttl: collectAt(settings, identity.fencingToken) }));
        const verdict = judgeRelease(answer, { ...tried, identity, confirmed, pending, onRelease });
        switch (verdict.kind) {
          case 'released':
            held.ended();
            return verdict.kind;
          case 'lost':
            held.lose(verdict.reason, { by: verdict.by, hint: 'It was found when the lock was given back: what the work did may have met another holder' });
            held.ended();
            return verdict.kind;
          case 'behind':
            held.confirm({ rvn: verdict.rvn, time: pending.get(verdict.rvn) ?? held.granted.time });
            break;
          case 'failed':
            tried.unsure = true;
            if (verdict.permanent || tries >= MAX_TRIES || elapsedSince(clock, start) >= held.granted.time.leaseMs) throw new LockBackendError(held.name, 'releasing', verdict.error);
            await pause(clock, backoff(tries, random));
        }
      }
    } catch (error) {
      held.unreleased(error);
      throw error;
    }
  });
