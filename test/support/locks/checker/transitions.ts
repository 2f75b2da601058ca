import { byRow, OPERATOR, type Change, type Image, type Violation } from './history';

/** What besides the clients under test has a hand in the rows. */
export interface Fleet {
  /** Java clients: their releases keep the version, and a heartbeat of theirs may touch a released row. */
  readonly java?: boolean;
  /** The table is exclusive: each grant has a fencing token, and rows stay. */
  readonly exclusive?: boolean;
  /** Somebody deletes rows, or marks them as released, by hand: then I1 cannot be promised, and guards still hold. */
  readonly operator?: boolean;
  /** Every request is answered in time, so that each client knows what it has done. */
  readonly certain?: boolean;
  /** Clocks are trusted to tell dead locks: none is watched for a lease before it is taken. */
  readonly trustClocks?: boolean;
}

export const isReleased = (row: Image): boolean => row.isReleased !== undefined;

/** Which acquisition the row is of. Java's have no id of their own, and updates of theirs keep one that they find. */
export const acquisitionOf = ({ ownerName, acquisitionId }: Image): string => JSON.stringify([ownerName, acquisitionId]);

export const isHeld = (row: Image | undefined): row is Image => row !== undefined && !isReleased(row);

/** A row that was nobody's, or another acquisition's, is this one's now. */
export const isGrant = ({ old, now }: Change): boolean => isHeld(now) && (!isHeld(old) || acquisitionOf(old) !== acquisitionOf(now));

/** What is wrong with the step from one image to the next, but for versions, tokens and times. Only who has written a row last gives it back: `author`, where that is known. */
const illegal = ({ old, now, by }: Change, author: string | undefined, { java = false, exclusive = false, operator = false }: Fleet): string | undefined => {
  if (!now) {
    if (!old) return 'nothing became nothing';
    if (operator && (by === undefined || by === OPERATOR)) return undefined;
    if (exclusive) return 'a row of an exclusive table was deleted';
    if (isReleased(old)) return java ? undefined : 'a released row was deleted';
    return by !== undefined && by !== (author ?? old.ownerName) ? `the lock of ${String(old.ownerName)} was deleted by ${by}` : undefined;
  }
  if (!old) return isReleased(now) ? 'a row was born released' : undefined;
  const same = acquisitionOf(old) === acquisitionOf(now);
  if (!isReleased(now)) return undefined; // a grant, or a renewal
  if (!same) return `a lock that is granted to ${String(now.ownerName)} is marked as released`;
  if (by !== undefined && by !== (author ?? now.ownerName) && !(operator && by === OPERATOR)) return `the lock of ${String(now.ownerName)} was released by ${by}`;
  return isReleased(old) && !java ? 'a released row was touched' : undefined;
};

/**
 * Writes of an acquisition that were sent twice may arrive once more when all is over, the first of them on a free row, and
 * are granted to nobody: that is the one way in which versions come back.
 */
const isEcho = (change: Change, seen: ReadonlySet<unknown>, echoes: boolean): boolean =>
  seen.has(change.now?.recordVersionNumber) && (isHeld(change.old) ? echoes && change.old.ownerName === change.now?.ownerName : isGrant(change));

const version = ({ old, now, by }: Change, seen: ReadonlySet<unknown>, echo: boolean, { java = false, operator = false }: Fleet): string | undefined => {
  if (!now) return undefined;
  const rvn = now.recordVersionNumber;
  if (old && rvn === old.recordVersionNumber) {
    const asItWas = java ? isReleased(now) : operator && (by === OPERATOR || isReleased(old)); // a released row that kept its version, and an echo on it
    if (asItWas) return undefined;
    return 'the row was written without a new version';
  }
  return seen.has(rvn) && !echo ? `the version ${String(rvn)} came back` : undefined;
};

/** An acquisition that has had no answer, and finds that its lease may be over, takes the lock once more. */
const token = (change: Change): string | undefined => {
  const { old, now } = change;
  if (!now) return undefined;
  const [before, after] = [Number(old?.fencingToken ?? 0), now.fencingToken];
  const again = old !== undefined && !isReleased(now);
  return after === before + 1 && (isGrant(change) || again) || (after === before && !isGrant(change)) ? undefined : `the fencing token went from ${before} to ${String(after)}`;
};

/** A lock that was not released is taken only after its version stood for its own lease, but by a client that knows that it was its own. */
const early = (change: Change, written: Change | undefined): string | undefined => {
  const { old, now, at } = change;
  if (!isHeld(old) || !now || !isGrant(change) || old.ownerName === now.ownerName || !at || !written?.at) return undefined;
  const stood = at.to - written.at.from;
  return stood < Number(old.leaseDuration) ? `taken from ${String(old.ownerName)} after ${stood} ms of ${String(old.leaseDuration)}` : undefined;
};

/** I2: only legal transitions, versions that never repeat, and one more on the token with every grant. O(n). */
export const checkTransitions = (changes: readonly Change[], fleet: Fleet = {}): Violation[] => [...byRow(changes)].flatMap(([id, steps]) => {
  const seen = new Set<unknown>();
  let written: Change | undefined;
  let echoes = false;
  return steps.flatMap((change, i): Violation[] => {
    echoes = isEcho(change, seen, echoes);
    const problems = [
      illegal(change, steps[i - 1]?.by, fleet), version(change, seen, echoes, fleet), fleet.exclusive ? token(change) : undefined, fleet.trustClocks ? undefined : early(change, written),
    ];
    if (change.now && change.now.recordVersionNumber !== change.old?.recordVersionNumber) written = echoes ? undefined : change;
    if (change.now) seen.add(change.now.recordVersionNumber);
    return problems.flatMap((problem) => (problem === undefined ? [] : [{ invariant: 'I2' as const, id, problem }]));
  });
});
