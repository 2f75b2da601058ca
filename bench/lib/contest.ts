import { SIDES, type SideName } from '../sides/sides';
import type { Bench } from './bench';
import type { BenchEngine } from './engine';
import { figureOf, type Figure } from './result';
import { interleave } from './rounds';
import type { Measured } from './task';
import { thingEvents, type BatchSpec } from './things';
import { startWorker, type Worker } from './worker';

interface Contest {
  readonly id: string;
  readonly sides: readonly SideName[];
  /** The invocations of a round. */
  readonly batches: (round: number) => readonly BatchSpec[];
  readonly figure: (measured: Measured) => number;
  readonly kinds?: number;
}

const figuresOf = (samples: ReadonlyMap<SideName, readonly number[]>): readonly Figure[] =>
  [...samples].map(([name, values]) => figureOf({ name, ...SIDES[name] }, values));

const withWorkers = async <T>(start: readonly (() => Promise<Worker>)[], use: (workers: readonly Worker[]) => Promise<T>): Promise<T> => {
  const workers: Worker[] = [];
  try {
    for (const one of start) workers.push(await one());
    return await use(workers);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
};

/** Each side writes into a table of its own in the engine; after each round, its rows must be what the events say. */
export const contestOnEngine = async ({ id, sides, batches, figure }: Contest, engine: BenchEngine, bench: Bench): Promise<readonly Figure[]> => {
  const tableOf = (side: SideName): string => `${id}-${side}`;
  for (const side of sides) await engine.createTable(tableOf(side), batches(-1).flatMap((spec) => thingEvents(spec)));
  const start = sides.map((side) => () => startWorker({ side, sink: 'http', listener: { tableName: tableOf(side) } }, { endpoint: engine.endpoint, profile: bench.profile }));
  return withWorkers(start, async (workers) => figuresOf(await interleave(id, sides.map((name, i) => ({
    name,
    worker: workers[i] as Worker,
    task: (round: number) => ({ batches: batches(round) }),
    verify: async (round: number) => {
      const wrong = await engine.wrong(tableOf(name), batches(round).flatMap((spec) => thingEvents(spec)));
      if (wrong.length > 0) throw new Error(`${id}: ${name} left another table: ${wrong.slice(0, 3).join('; ')}`);
    },
  })), bench, figure)));
};

/** In the process of each side, with a network that takes no time; the table is compared once before, the number of writes each time. */
export const contestInProcess = async ({ id, sides, batches, figure, kinds = 1 }: Contest, bench: Bench): Promise<readonly Figure[]> => {
  const start = sides.map((side) => () => startWorker({ side, sink: 'null', listener: { tableName: 'things', kinds } }, { profile: bench.profile }));
  return withWorkers(start, async (workers) => {
    for (const worker of workers) await worker.run({ batches: batches(0).slice(0, 1), check: true });
    return figuresOf(await interleave(id, sides.map((name, i) => ({
      name,
      worker: workers[i] as Worker,
      task: (round: number) => ({ batches: batches(round) }),
      verify: (_round: number, { events, writes }: Measured) => {
        if (writes !== events) throw new Error(`${id}: ${name} made ${writes} writes of ${events} events`);
      },
    })), bench, figure));
  });
};
