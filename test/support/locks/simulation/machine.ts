import type { LockClock } from '../../../../src/locks/clock';
import type { VirtualTime } from './virtual-time';

/** What can happen to a computer. */
export type Trouble =
  /** The event loop is blocked, or the process is stopped: time goes on. `answersFirst`: then answers are seen before timers. */
  | { readonly kind: 'block'; readonly at: number; readonly ms: number; readonly answersFirst: boolean }
  /** A frozen container: its monotonic clock stands still. */
  | { readonly kind: 'suspend'; readonly at: number; readonly ms: number }
  | { readonly kind: 'jump'; readonly at: number; readonly ms: number }
  /** Nothing goes out and nothing comes in. */
  | { readonly kind: 'partition'; readonly at: number; readonly ms: number }
  | { readonly kind: 'crash'; readonly at: number };

/** A computer with clocks of its own, on which things run unless it stands still. */
export interface Machine {
  readonly clock: LockClock;
  /** Does what has come from outside, now or as soon as it can. */
  deliver(task: () => void): void;
  suffer(trouble: Trouble): void;
  isStill(): boolean;
  isCrashed(): boolean;
  isCutOff(): boolean;
  /** Things that had to wait are waiting still. */
  isCatchingUp(): boolean;
  timers(): number;
  /** By how much the wall clock is ahead of the monotonic one: changes with a sleep, and when somebody sets it. */
  ahead(): number;
}

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly task: () => void;
}

export interface MachineOptions {
  readonly time: VirtualTime;
  readonly monotonicOffset: number;
  readonly wallOffset: number;
  /** Something has just happened here, before its consequences. */
  readonly onChange: () => void;
}

const START = Date.UTC(2026, 0, 1);

export const createMachine = ({ time, monotonicOffset, wallOffset, onChange }: MachineOptions): Machine => {
  const timers = new Set<Timer>();
  const waiting: { late: Timer[]; delivered: (() => void)[] } = { late: [], delivered: [] };
  let [order, jumped, slept] = [0, 0, 0];
  let still: { readonly until: number; readonly sleepsSince: number | undefined } | undefined;
  let [crashed, cutOffUntil, catchingUp] = [false, 0, 0];

  const monotonic = () => monotonicOffset + (still?.sleepsSince ?? time.now()) - slept;

  const wall = () => START + wallOffset + jumped + time.now();

  const run = (task: () => void): void => {
    if (!crashed) task();
  };
  const fire = (timer: Timer): void => {
    if (!timers.has(timer) || crashed) return;
    if (still) waiting.late.push(timer);
    else if (monotonic() < timer.due) schedule(timer); // it slept
    else {
      timers.delete(timer);
      timer.task();
    }
  };
  const schedule = (timer: Timer): void => time.at(time.now() + timer.due - monotonic(), () => fire(timer));

  /** One at a time, as the event loop does. */
  const wake = (answersFirst: boolean): void => {
    const late = waiting.late.sort((a, b) => a.due - b.due || a.order - b.order).map((timer) => () => fire(timer));
    const { delivered } = waiting;
    [waiting.late, waiting.delivered] = [[], []];
    const tasks = answersFirst ? [...delivered, ...late] : [...late, ...delivered];
    catchingUp += tasks.length;
    onChange();
    for (const task of tasks) {
      time.at(time.now(), () => {
        catchingUp -= 1;
        if (still) waiting.delivered.push(task);
        else run(task);
      });
    }
  };

  const standStill = (ms: number, sleeps: boolean, answersFirst: boolean): void => {
    if (still || crashed) return;
    const since = time.now();
    still = { until: since + ms, sleepsSince: sleeps ? since : undefined };
    time.at(since + ms, () => {
      still = undefined;
      if (sleeps) slept += ms;
      if (!crashed) wake(answersFirst);
    });
  };

  const deliver = (task: () => void): void => {
    if (crashed) return;
    if (still) waiting.delivered.push(task);
    else if (catchingUp > 0) time.at(time.now(), () => deliver(task)); // after what came before it
    else task();
  };

  return {
    clock: {
      monotonic,
      wall,
      after: (ms, task) => {
        const timer: Timer = { due: monotonic() + Math.max(0, ms), order: (order += 1), task };
        timers.add(timer);
        schedule(timer);
        return { cancel: () => { timers.delete(timer); } };
      },
    },
    deliver,
    suffer: (trouble) => {
      switch (trouble.kind) {
        case 'block': return standStill(trouble.ms, false, trouble.answersFirst);
        case 'suspend': return standStill(trouble.ms, true, false);
        case 'jump':
          jumped += trouble.ms;
          return onChange();
        case 'partition':
          cutOffUntil = Math.max(cutOffUntil, time.now() + trouble.ms);
          return undefined;
        case 'crash':
          crashed = true;
          timers.clear();
          return onChange();
      }
    },
    isStill: () => still !== undefined,
    isCrashed: () => crashed,
    isCutOff: () => time.now() < cutOffUntil,
    isCatchingUp: () => catchingUp > 0,
    timers: () => timers.size,
    ahead: () => wall() - monotonic(),
  };
};
