import { seededRandom } from '../../../src/replay/fixture/random';
import type { Settings } from '../settings';
import { createAgenda } from './agenda';

/** The records of a stream, in the order in which they are put; all times are ms since the beginning of the run. */
export interface Traffic {
  /** When the stream received it. */
  readonly at: readonly number[];
  readonly key: readonly number[];
  /** When it happened: no two events have the same, but an event and its copy. */
  readonly timestamp: readonly number[];
  /** Does it create its item? */
  readonly creates: readonly boolean[];
  /** Items with a higher number are created in the run. */
  readonly knownKeys: number;
  readonly keys: number;
}

/** How old the events of a backfill are, at most. */
const HISTORY_MS = 30 * 24 * 3_600_000;

export const durationOf = ({ minutes }: Pick<Settings, 'minutes'>): number => minutes * 60_000;

/** By kind, events per ms at a time, and the time until which this holds. */
const ratesAt = (settings: Settings, time: number) => {
  const { rate, peak, backfill } = settings;
  const [peakFrom, oldFrom] = [settings.peakAt * 1000, settings.backfillAt * 1000];
  const [peakTo, oldTo] = [peakFrom + settings.peakFor * 1000, oldFrom + settings.backfillFor * 1000];
  const isPeak = peak > 0 && time >= peakFrom && time < peakTo;
  const isBackfill = time >= oldFrom && time < oldTo;
  return {
    live: (isPeak ? peak : rate) / 1000,
    old: isBackfill ? backfill / 1000 : 0,
    until: Math.min(...[peakFrom, peakTo, oldFrom, oldTo, durationOf(settings)].filter((edge) => edge > time)),
  };
};

interface Copy {
  readonly key: number;
  readonly timestamp: number;
  readonly creates: boolean;
}

/** Depends on the traffic's settings and the seed only, so that two mappings can be compared on the same events. */
export const createTraffic = (settings: Settings): Traffic => {
  const { keys: knownKeys, hot, hotKeys, late, lateBy, copies, copyAfter } = settings;
  const random = seededRandom(settings.seed);
  const wait = (mean: number): number => -Math.log(1 - random()) * mean;
  const end = durationOf(settings);
  const [at, key, timestamp, creates]: [number[], number[], number[], boolean[]] = [[], [], [], []];
  const due = createAgenda<Copy>();
  let keys = knownKeys;

  const put = (time: number, what: Copy): void => {
    at.push(time);
    key.push(what.key);
    timestamp.push(what.timestamp);
    creates.push(what.creates);
  };
  const putCopies = (until: number): void => {
    while (due.at() < until) {
      const { at: time, what } = due.next() as { readonly at: number; readonly what: Copy };
      put(time, what);
    }
  };
  const known = (): number => Math.floor(random() * (random() < hot ? Math.min(hotKeys, knownKeys) : knownKeys));

  for (let time = 0; time < end;) {
    const { live, old, until } = ratesAt(settings, time);
    const next = time + wait(1 / (live + old));
    // Waiting has no memory: where the rates change, it begins anew.
    if (next >= until) {
      time = until;
      continue;
    }
    time = next;
    putCopies(time);
    const isOld = random() * (live + old) < old;
    const isNew = !isOld && random() < settings.new;
    const lateness = isOld ? time + random() * HISTORY_MS : !isNew && random() < late ? wait(lateBy * 1000) : 0;
    const what = { key: isNew ? keys++ : known(), timestamp: time - lateness, creates: isNew };
    put(time, what);
    if (random() < copies) due.add(time + wait(copyAfter * 1000), what);
  }
  putCopies(end);
  return { at, key, timestamp, creates, knownKeys, keys };
};
