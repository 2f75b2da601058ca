import { instantOf, pause, type Instant } from '../clock';
import { LockBackendError, LockRowError, type LockName } from '../errors';
import { backoff, jittered } from '../pacing';
import type { Answer, Row } from '../table/request';
import { decide, seenIn, type Known, type Step, type Wish } from './decide';
import { leaseLeft, type LeaseTime } from './lease-time';
import type { Observation, Observations } from './observations';
import type { Patience } from './patience';
import { acquireRequest, seenData, type Expected } from './requests';
import { keyOf, readRow, type LockRow, type ReadRow } from './row';
import type { Settings } from './settings';

/** A lock that is wanted, with every option filled in. */
export interface Wanted extends Wish {
  readonly name: LockName;
  readonly leaseMs: number;
  readonly data: Uint8Array | undefined;
  readonly keepData: boolean;
  readonly attributes: Row;
  readonly mode: 'replace' | 'update';
  readonly refreshMs: number;
  /** Look before the first write, even if the client does not always. */
  readonly readFirst?: boolean;
}

/** What the table granted. */
export interface Granted {
  readonly rvn: string;
  readonly time: LeaseTime;
  readonly fencingToken: number | undefined;
  readonly data: Uint8Array | undefined;
  readonly attributes: Row;
  readonly tookOver: boolean;
}

/**
 * How an acquisition ends. `same`: the row is of this acquisition id already. `rejoined`: this client has the lock. `unavailable`: `row` is the last one that was
 * seen, `cause` the last error. `aborted`: by the signal of the patience. `leftovers`: versions that may still arrive.
 */
export type TakeEnd =
  | { readonly kind: 'granted'; readonly granted: Granted }
  | { readonly kind: 'same'; readonly row: LockRow }
  | { readonly kind: 'rejoined'; readonly leftovers: readonly string[] }
  | { readonly kind: 'unavailable'; readonly row?: LockRow; readonly observation?: Observation; readonly cause?: unknown; readonly leftovers: readonly string[] }
  | { readonly kind: 'aborted'; readonly leftovers: readonly string[] }
  | { readonly kind: 'failed'; readonly error: Error; readonly leftovers: readonly string[] };

export interface Taking {
  readonly settings: Settings;
  readonly observations: Observations;
  /** Of the lock, among the observations. */
  readonly id: string;
  readonly isOrphan: (rvn: string) => boolean;
  /** Of a reentrant acquisition: whether this client has got the lock meanwhile. */
  readonly rejoin?: (() => boolean) | undefined;
}

/** What a row holds for its user. */
type Stored = Pick<LockRow, 'data' | 'attributes'> & Partial<Pick<LockRow, 'fencingToken'>>;

interface Written {
  readonly rvn: string;
  readonly from: Instant;
  readonly answer: Answer;
  /** As it was written, where the answer does not tell. */
  readonly row: Stored;
}

/** Somebody else was quicker, and is done already: so often in a row it is tried again at once. */
const MAX_RUSHES = 3;

/**
 * Acquires: writes at once where it may, and otherwise looks, watches and waits as long as there is patience. Never rejects.
 */
export const takeLock = async ({ settings, observations, id, isOrphan, rejoin }: Taking, wanted: Wanted, patience: Patience): Promise<TakeEnd> => {
  const { table, clock, schema, newId, random } = settings;
  const { name, leaseMs } = wanted;
  const attempts = new Map<string, Instant>();
  /** Sent, and without an answer that came in time. */
  const unanswered = new Set<string>();
  const known: Known = {
    clock, attempts, isOrphan, trustClocks: settings.trustClocks, margin: settings.safetyMargin,
    observe: (row) => observations.see(id, row, clock.monotonic()),
  };
  const granted = ({ rvn, from }: Pick<Written, 'rvn' | 'from'>, row: Stored, tookOver: boolean): TakeEnd => {
    observations.forget(id);
    return {
      kind: 'granted',
      granted: {
        rvn, tookOver, time: { from, leaseMs }, fencingToken: row.fencingToken, data: row.data, attributes: row.attributes,
      },
    };
  };
  const write = async (expected: Expected): Promise<Written> => {
    const rvn = newId();
    const from = instantOf(clock);
    attempts.set(rvn, from);
    const request = acquireRequest({
      ...wanted, schema, rvn, exclusive: settings.exclusive, ttlName: settings.ttl?.attributeName, touchedAt: settings.trustClocks && from.wall,
      // A row that is collected takes its token with it, days after its release: the next one begins with the time, which is more than any of its acquisitions has come to.
      tokensFrom: settings.ttl && Math.floor(from.wall),
    }, expected);
    const answer = await table.write(request, patience.call());
    if (answer.kind === 'failed') unanswered.add(rvn);
    return { rvn, from, answer, row: { data: (wanted.keepData ? seenData(expected) : undefined) ?? wanted.data, attributes: wanted.attributes } };
  };

  // A lock that must exist, or whose data is wanted, has to be looked at first.
  let expected: Expected | undefined = settings.readFirst || wanted.readFirst || wanted.mustExist || (wanted.keepData && wanted.mode === 'replace') ? undefined : { kind: 'free' };
  let tookOver = false;
  let failures = 0;
  let rushes = 0;
  let cause: unknown;
  let last: Extract<Step, { kind: 'wait' }> | undefined;
  for (;;) {
    const leftovers = [...unanswered];
    if (patience.signal.aborted) return { kind: 'aborted', leftovers };
    if (rejoin?.()) return { kind: 'rejoined', leftovers };
    const written: Written | undefined = expected && await write(expected);
    const answer: Answer = written ? written.answer : await table.read(keyOf(schema, name), patience.call());
    if (patience.signal.aborted && answer.kind !== 'done') continue;
    if (answer.kind === 'failed') {
      cause = answer.error;
      if (answer.permanent) return { kind: 'failed', error: new LockBackendError(name, 'acquiring', cause), leftovers: [...unanswered] };
      // A write may have happened: the next look tells, even to those who do not wait.
      expected = undefined;
      if (written && !patience.waits) continue;
      const left = patience.left();
      if (left <= 0) return { kind: 'unavailable', ...seen(last), cause, leftovers: [...unanswered] };
      await pause(clock, Math.min(backoff(failures += 1, random), left), patience.signal);
      continue;
    }
    // A look says nothing of why the write before it had no answer.
    const unwritten = written ? undefined : cause;
    cause = undefined;
    failures = 0;
    const read: ReadRow | undefined = answer.item && readRow(answer.item, schema);
    if (written && answer.kind === 'done') {
      const row: Stored = read?.kind === 'lock' ? read.row : written.row;
      if (leaseLeft(clock, { from: written.from, leaseMs }) > settings.safetyMargin(leaseMs)) return granted(written, row, tookOver);
      // The answer was so slow that the lease may be over. It is nobody else's yet, so it is taken once more.
      expected = { kind: 'expired', rvn: written.rvn, ...seenIn(row) };
      unanswered.add(written.rvn);
      if (patience.left() <= 0) return { kind: 'unavailable', cause: new Error('the answer came after the lease had run out'), leftovers: [...unanswered] };
      continue;
    }
    const step = decide(read, wanted, known);
    switch (step.kind) {
      case 'adopt': return granted({ rvn: step.row.rvn, from: step.from }, step.row, tookOver);
      case 'same': return step;
      case 'invalid': return { kind: 'failed', error: new LockRowError(name, step.problem), leftovers };
      case 'other': return { kind: 'failed', error: new LockRowError(name, 'it is of a claim, a shared object or a channel', 'Give the lock another name'), leftovers };
      case 'take':
        last = undefined;
        // One's own write whose lease is over may have been the one that took over.
        tookOver = step.tookOver || (tookOver && step.expected.kind === 'expired' && attempts.has(step.expected.rvn));
        ({ expected } = step);
        cause = unwritten;
        if ((rushes += 1) <= MAX_RUSHES) continue;
        break;
      case 'wait':
        last = step;
        patience.meet(step.row.leaseMs);
        break;
      case 'missing':
        last = undefined;
    }
    const left = patience.left();
    if (left <= 0) return { kind: 'unavailable', ...seen(last), cause, leftovers };
    const untilExpiry = last ? last.observation.since + last.observation.leaseMs - clock.monotonic() + 1 : Infinity;
    await pause(clock, Math.max(0, Math.min(jittered(wanted.refreshMs, random), untilExpiry, left)), patience.signal);
    expected = undefined;
    rushes = 0;
  }
};

const seen = (last: Extract<Step, { kind: 'wait' }> | undefined) => (last ? { row: last.row, observation: last.observation } : {});
