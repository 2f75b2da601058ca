import { setImmediate } from 'node:timers'; // which test runners that fake the clock leave alone: a handler must not hang

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
  readonly ready: LaneTask[];
  /** A turn is awaited, so that tasks can gather. */
  gathering: boolean;
}

export interface Lanes {
  submit(task: LaneTask, limiter: Limiter): void;
}

interface Lane {
  readonly queue: { readonly task: LaneTask; readonly limiter: Limiter }[];
  busy: boolean;
  held: boolean;
  waitingFor?: LaneTask;
}

export const createLimiter = (limit: number): Limiter => ({ limit, inFlight: 0, ready: [], gathering: false });

/** Inserts by index; from the back, because tasks arrive almost in order. */
const insert = <T>(list: T[], value: T, indexOf: (value: T) => number): void => {
  let at = list.length;
  while (at > 0 && indexOf(list[at - 1] as T) > indexOf(value)) at -= 1;
  list.splice(at, 0, value);
};

export const createLanes = (): Lanes => {
  const lanes = new Map<string, Lane>();

  const pump = (limiter: Limiter): void => {
    while (limiter.inFlight < limiter.limit) {
      const task = limiter.ready.shift();
      if (!task) return;
      limiter.inFlight += 1;
      const lane = lanes.get(task.lane) as Lane;
      for (let next = lane.queue[0]; next?.task.isAdmissible() && task.absorb?.(next.task); next = lane.queue[0]) lane.queue.shift();
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
      const next = lane.queue[0];
      if (!next || lane.busy) return;
      if (lane.held) {
        lane.queue.shift();
        next.task.hold();
      } else if (next.task.isAdmissible()) {
        lane.queue.shift();
        lane.busy = true;
        insert(next.limiter.ready, next.task, (task) => task.index);
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
      if (!lane) lanes.set(task.lane, (lane = { queue: [], busy: false, held: false }));
      insert(lane.queue, { task, limiter }, (queued) => queued.task.index);
      advance(lane);
    },
  };
};
