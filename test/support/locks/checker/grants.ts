import type { LostReason } from '../../../../src/locks/errors';
import { byRow, type Change, type Violation } from './history';
import { isGrant, isHeld, isReleased } from './transitions';
import { isTurn } from './turns';

/** What a client said of one lock that it was granted. Times as in the history; absent where nobody knows them. */
export interface Grant {
  readonly id: string;
  readonly ownerName: string;
  readonly acquisitionId: string;
  /** Who acts for the owner, where changes tell by whom they are: an acquisition that is handed over has several, one after the other. */
  readonly node?: string | undefined;
  /** It was handed over to this node. */
  readonly resumed?: boolean | undefined;
  readonly fencingToken?: number | undefined;
  /** The call, and its answer. */
  readonly calledAt?: number;
  readonly grantedAt?: number;
  /** The lease was over, as far as the client knew. */
  readonly validUntil?: number;
  readonly lost?: { readonly reason: LostReason; readonly by?: string | undefined; readonly at?: number } | undefined;
  readonly released?: { readonly outcome: 'released' | 'lost' | 'unknown'; readonly at?: number } | undefined;
}

interface Life {
  readonly granted: Change | undefined;
  /** All changes since. */
  readonly since: readonly Change[];
  /** All changes while the row was this acquisition's. */
  readonly during: readonly Change[];
  /** And another time after that, but for a write that was late and found the row free. */
  readonly again: boolean;
  /** The first change after the grant by which the row was this acquisition's no more. */
  readonly end: Change | undefined;
}

const isOf = (row: Change['now'], { ownerName, acquisitionId }: Grant): boolean => row?.ownerName === ownerName && row.acquisitionId === acquisitionId;

const isBy = ({ by }: Change, { node }: Grant): boolean => by === undefined || node === undefined || by === node;

/** Both by the acquisition, so that each grant costs only its own changes. */
const livesOf = (changes: readonly Change[]): ((grant: Grant) => Life[]) => {
  const rows = byRow(changes);
  const index = new Map<string, { steps: readonly Change[]; at: number }[]>();
  for (const [id, steps] of rows) {
    steps.forEach((change, at) => {
      if (!isGrant(change) && !isTurn(change, steps[at - 1]?.by)) return;
      const key = JSON.stringify([id, change.now?.acquisitionId]);
      index.set(key, [...(index.get(key) ?? []), { steps, at }]);
    });
  }
  return (grant) => {
    const found = (index.get(JSON.stringify([grant.id, grant.acquisitionId])) ?? []).filter(({ steps, at }) => {
      const change = steps[at];
      return change !== undefined && isOf(change.now, grant) && isBy(change, grant) && isGrant(change) !== (grant.resumed ?? false);
    });
    const life = (count: number): Life => {
      const [known, later] = [found[count - 1], found.slice(count)];
      const rest = known?.steps.slice(known.at) ?? [];
      const length = rest.findIndex((change) => !isOf(change.now, grant) || !isBy(change, grant) || (change.now !== undefined && isReleased(change.now)));
      const end = rest[length];
      return { granted: rest[0], since: rest, during: end ? rest.slice(0, length) : rest, end, again: later.some(({ steps, at }) => isHeld(steps[at]?.old) && steps[at]?.old?.ownerName !== grant.ownerName) };
    };
    // Of several writes of one acquisition, the last before the answer is the one that was granted; one that was under way then may be it.
    const written = found.filter(({ steps, at }) => steps[at]?.at !== undefined);
    const perhaps = written.filter(({ steps, at }) => before(steps[at], grant.grantedAt)).length;
    const surely = written.filter(({ steps, at }) => grant.grantedAt === undefined || (steps[at]?.at?.to ?? 0) <= grant.grantedAt).length;
    const [least, most] = [Math.max(1, Math.min(surely, perhaps)), Math.max(1, perhaps)];
    return Array.from({ length: most - least + 1 }, (_unused, i) => life(most - i));
  };
};

const before = (change: Change | undefined, at: number | undefined): boolean =>
  change !== undefined && (at === undefined || change.at === undefined || change.at.from <= at);

const lostWithoutCause = ({ lost, validUntil }: Grant, { end, since }: Life): string | undefined => {
  if (!lost) return undefined;
  const { reason, by, at } = lost;
  switch (reason) {
    case 'deadline': case 'suspended':
      return at !== undefined && validUntil !== undefined && at < validUntil ? `lost (${reason}) at ${at}, with its lease running to ${validUntil}` : undefined;
    case 'deleted': return since.some((change) => before(change, at) && !change.now) ? undefined : 'lost (deleted), and the row was not';
    case 'releasedElsewhere': return since.some((change) => before(change, at) && change.now && isReleased(change.now)) ? undefined : 'lost (releasedElsewhere), and the row was not released';
    case 'stolen': return before(end, at) && (by === undefined || since.some(({ now }) => now?.ownerName === by)) ? undefined : `lost (stolen by ${String(by)}), and the row was not`;
  }
};

const releaseWithoutCause = ({ released, validUntil, lost }: Grant, { end }: Life): string | undefined => {
  if (!released || released.outcome === 'unknown') return undefined;
  const { outcome, at } = released;
  if (outcome === 'released') return before(end, at) ? undefined : 'said to be released, and the row says otherwise';
  if (lost || before(end, at)) return undefined;
  return at !== undefined && validUntil !== undefined && at >= validUntil ? undefined : 'the release says that it was lost, and it was not';
};

/** I4: every grant is in the history once, at its time and with its token; every loss has a cause there. */
export const checkGrants = (changes: readonly Change[], grants: readonly Grant[]): Violation[] => {
  const lives = livesOf(changes);
  const problemsOf = (grant: Grant, life: Life): string[] => {
    const { granted: change, again } = life;
    return [
      !change ? 'granted, and the history knows nothing of it' : again ? 'granted more than once' : undefined,
      change?.at && grant.grantedAt !== undefined && change.at.from > grant.grantedAt ? 'granted before it was written' : undefined,
      change?.at && grant.calledAt !== undefined && change.at.to < grant.calledAt ? 'granted by a write older than the call' : undefined,
      grant.fencingToken !== undefined && !life.during.some((one) => one.now?.fencingToken === grant.fencingToken && before(one, grant.grantedAt))
        ? `the row never had the token ${grant.fencingToken}` : undefined,
      lostWithoutCause(grant, life),
      releaseWithoutCause(grant, life),
    ].flatMap((problem) => problem ?? []);
  };
  return grants.flatMap((grant): Violation[] => {
    const stories = lives(grant).map((life) => problemsOf(grant, life));
    const problems = stories.find((story) => story.length === 0) ?? stories[0] ?? [];
    return problems.map((problem) => ({ invariant: 'I4', id: grant.id, problem: `${grant.ownerName}: ${problem}` }));
  });
};
