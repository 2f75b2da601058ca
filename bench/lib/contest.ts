import { SIDES, type SideName } from '../sides/sides';
import type { Bench } from './bench';
import type { BenchEngine } from './engine';
import { attempt, shown, withProcesses, type Named, type Troubles } from './processes';
import type { Figure } from './result';
import { interleave } from './rounds';
import type { Measured, Sink } from './task';
import { thingEvents, type BatchSpec, type ThingEvent } from './things';
import { startWorker, type Worker } from './worker';

/** One side under one name; a side may take part more than once, with other rules or records. */
export interface Entry extends Named {
  readonly side: SideName;
  readonly kinds?: number;
  /** The invocations of a round. */
  readonly batches: (round: number) => readonly BatchSpec[];
}

/** These sides, all with the same invocations. */
export const entriesOf = (sides: readonly SideName[], batches: Entry['batches']): readonly Entry[] =>
  sides.map((side) => ({ name: side, label: SIDES[side].label, group: SIDES[side].group, side, batches }));

interface Contest {
  readonly id: string;
  readonly entries: readonly Entry[];
  readonly figure: (measured: Measured, round: number) => number;
  /** Sees each round; throws when the side did not do its job. In a process the default is: one write for each event. */
  readonly inspect?: (entry: Entry, measured: Measured) => void;
}

const eventsOf = (batches: readonly BatchSpec[]): readonly ThingEvent[] => batches.flatMap((spec) => thingEvents(spec));

interface EngineContest extends Contest {
  /** Peers may leave a wrong table: it is shown beside their figure. Otherwise it is an error, as it always is for ours. */
  readonly peersMayFail?: boolean;
}

/** Each side writes into a table of its own in the engine, which has what a round before the first would have written; after each round, its rows must be what the events say. */
export const contestOnEngine = async ({ id, entries, figure, inspect, peersMayFail = false }: EngineContest, engine: BenchEngine, bench: Bench): Promise<readonly Figure[]> => {
  const tableOf = ({ name }: Entry): string => `${id}-${name}`;
  for (const entry of entries) await engine.createTable(tableOf(entry), eventsOf(entry.batches(-1)));
  const start = entries.map((entry) => () =>
    startWorker({ side: entry.side, sink: 'http', listener: { tableName: tableOf(entry) } }, { endpoint: engine.endpoint, profile: bench.profile }));
  const troubles: Troubles = new Map();
  return withProcesses(start, async (workers) => {
    const samples = await interleave(id, entries.map((entry, i) => ({
      name: entry.name,
      run: async (round: number) => {
        const counts = await engine.counts();
        const measured = await attempt(entry, () => (workers[i] as Worker).run({ batches: entry.batches(round) }), troubles);
        if (!measured) return undefined;
        const now = await engine.counts();
        const wrong = await engine.wrong(tableOf(entry), eventsOf(entry.batches(round)));
        if (wrong.length > 0 && !(peersMayFail && entry.group === 'peer')) throw new Error(`${id}: ${entry.name} left another table: ${wrong.slice(0, 3).join('; ')}`);
        if (wrong.length > 0) troubles.set(entry.name, `but the table is WRONG: ${wrong.length} values, for example ${wrong[0]}`);
        const counted = { ...measured, writes: now.writes - counts.writes, requests: now.requests - counts.requests };
        inspect?.(entry, counted);
        return counted;
      },
    })), bench, figure);
    return entries.map((entry) => shown(entry, samples.get(entry.name), troubles.get(entry.name)));
  });
};

interface ProcessContest extends Contest {
  readonly sink?: Exclude<Sink, 'http'>;
}

const oneEach = (id: string) => ({ name }: Entry, { events, writes }: Measured): void => {
  if (writes !== events) throw new Error(`${id}: ${name} made ${writes} writes of ${events} events`);
};

/** Records whose rows are compared: the table is in the process itself. */
const MOST_CHECKED = 1_000;

/** In the process of each side, without a network; the table is compared once before, the number of writes each time. */
export const contestInProcess = async ({ id, entries, figure, sink = 'null', inspect = oneEach(id) }: ProcessContest, bench: Bench): Promise<readonly Figure[]> => {
  const start = entries.map(({ side, kinds = 1 }) => () => startWorker({ side, sink, listener: { tableName: 'things', kinds } }, { profile: bench.profile }));
  const troubles: Troubles = new Map();
  return withProcesses(start, async (workers) => {
    for (const [i, { name, batches }] of entries.entries()) {
      bench.progress.say(`${id}: the table of ${name}`);
      await (workers[i] as Worker).run({ batches: batches(0).slice(0, 1).map((spec) => ({ ...spec, count: Math.min(spec.count, MOST_CHECKED) })), check: true });
    }
    const samples = await interleave(id, entries.map((entry, i) => ({
      name: entry.name,
      run: async (round: number) => {
        const measured = await attempt(entry, () => (workers[i] as Worker).run({ batches: entry.batches(round) }), troubles);
        if (measured) inspect(entry, measured);
        return measured;
      },
    })), bench, figure);
    return entries.map((entry) => shown(entry, samples.get(entry.name), troubles.get(entry.name)));
  });
};
