import { setImmediate } from 'node:timers'; // which test runners that fake the clock leave alone: a handler must not hang
import { createQueue, type Queue } from './queue';

/**
 * Work on one item at a time, in the order of the events; different items never wait for each other.
 * Of all tasks whose lane is idle the earliest goes next.
 */
export interface LaneTask {
  /** Tasks of one lane run one after the other. */
  readonly lane: string;
  /** Position of the event: smaller goes first. */
  readonly index: number;
  /** May the task start? When not, `onAdmissible` calls back when this may have changed. */
  isAdmissible(): boolean;
  onAdmissible(callback: () => void): void;
  /** Runs the task; tells once when it is over, and whether the rest of its lane must not run in this invocation. Never throws. */
  start(over: (hold: boolean) => void): void;
  /** The lane is held: the task will not run. */
  hold(): void;
  /**
   * For tasks that can do the work of others: takes the next task of the lane along, if it can; that one will not be
   * started by itself. Such tasks start a turn late, so that all that is known by then is in the lane.
   */
  absorb?(next: LaneTask): boolean;
}

/** How many tasks run at once. */
export interface Limiter {
  readonly limit: number;
  inFlight: number;
  readonly ready: Queue<LaneTask>;
  /** A turn is awaited, so that tasks can gather. */
  gathering: boolean;
  /** Tasks are being started: what is over at once must not start the next one from within. */
  starting: boolean;
}

export interface Lanes {
  submit(task: LaneTask, limiter: Limiter): void;
}

interface Lane {
  /** Absent before a task has to wait: most lanes have one task. */
  queue: Queue<Queued> | undefined;
  busy: boolean;
  held: boolean;
  waitingFor: LaneTask | undefined;
}

interface Queued {
  readonly task: LaneTask;
  readonly limiter: Limiter;
}

export const createLimiter = (limit: number): Limiter => ({ limit, inFlight: 0, ready: createQueue((task) => task.index), gathering: false, starting: false });

export const createLanes = (): Lanes => {
  const lanes = new Map<string, Lane>();

  const pump = (limiter: Limiter): void => {
    if (limiter.starting) return;
    limiter.starting = true;
    try {
      while (limiter.inFlight < limiter.limit) {
        const task = limiter.ready.take();
        if (!task) return;
        start(task, limiter);
      }
    } finally {
      limiter.starting = false;
    }
  };

  const start = (task: LaneTask, limiter: Limiter): void => {
    limiter.inFlight += 1;
    const lane = lanes.get(task.lane) as Lane;
    for (let next = lane.queue?.first(); next?.task.isAdmissible() && task.absorb?.(next.task); next = lane.queue?.first()) lane.queue?.take();
    task.start((hold) => {
      limiter.inFlight -= 1;
      lane.busy = false;
      lane.held ||= hold;
      advance(lane);
      pump(limiter);
    });
  };

  const gather = (limiter: Limiter): void => {
    if (limiter.gathering) return;
    limiter.gathering = true;
    setImmediate(() => {
      limiter.gathering = false;
      pump(limiter);
    });
  };

  const makeReady = ({ task, limiter }: Queued, lane: Lane): void => {
    lane.busy = true;
    limiter.ready.add(task);
    if (task.absorb) gather(limiter);
    else pump(limiter);
  };

  const advance = (lane: Lane): void => {
    for (;;) {
      const next = lane.busy ? undefined : lane.queue?.first();
      if (!next) return;
      if (lane.held) {
        lane.queue?.take();
        next.task.hold();
      } else if (next.task.isAdmissible()) {
        lane.queue?.take();
        makeReady(next, lane);
      } else {
        if (lane.waitingFor !== next.task) {
          lane.waitingFor = next.task;
          next.task.onAdmissible(() => advance(lane));
        }
        return;
      }
    }
  };

  return {
    submit: (task, limiter) => {
      let lane = lanes.get(task.lane);
      if (!lane) {
        lanes.set(task.lane, (lane = { queue: undefined, busy: false, held: false, waitingFor: undefined }));
        if (task.isAdmissible()) return makeReady({ task, limiter }, lane);
      }
      lane.queue ??= createQueue((queued) => queued.task.index);
      lane.queue.add({ task, limiter });
      advance(lane);
    },
  };
};
