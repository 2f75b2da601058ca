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
  /** Runs the task; resolves to true when the rest of its lane must not run in this invocation. Never rejects. */
  start(): Promise<boolean>;
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
}

export interface Lanes {
  submit(task: LaneTask, limiter: Limiter): void;
}

interface Lane {
  readonly queue: Queue<{ readonly task: LaneTask; readonly limiter: Limiter }>;
  busy: boolean;
  held: boolean;
  waitingFor?: LaneTask;
}

export const createLimiter = (limit: number): Limiter => ({ limit, inFlight: 0, ready: createQueue((task) => task.index), gathering: false });

export const createLanes = (): Lanes => {
  const lanes = new Map<string, Lane>();

  const pump = (limiter: Limiter): void => {
    while (limiter.inFlight < limiter.limit) {
      const task = limiter.ready.take();
      if (!task) return;
      limiter.inFlight += 1;
      const lane = lanes.get(task.lane) as Lane;
      for (let next = lane.queue.first(); next?.task.isAdmissible() && task.absorb?.(next.task); next = lane.queue.first()) lane.queue.take();
      void task.start().then((hold) => {
        limiter.inFlight -= 1;
        lane.busy = false;
        lane.held ||= hold;
        advance(lane);
        pump(limiter);
      });
    }
  };

  const gather = (limiter: Limiter): void => {
    if (limiter.gathering) return;
    limiter.gathering = true;
    setImmediate(() => {
      limiter.gathering = false;
      pump(limiter);
    });
  };

  const advance = (lane: Lane): void => {
    for (;;) {
      const next = lane.queue.first();
      if (!next || lane.busy) return;
      if (lane.held) {
        lane.queue.take();
        next.task.hold();
      } else if (next.task.isAdmissible()) {
        lane.queue.take();
        lane.busy = true;
        next.limiter.ready.add(next.task);
        if (next.task.absorb) gather(next.limiter);
        else pump(next.limiter);
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
      if (!lane) lanes.set(task.lane, (lane = { queue: createQueue((queued) => queued.task.index), busy: false, held: false }));
      lane.queue.add({ task, limiter });
      advance(lane);
    },
  };
};
