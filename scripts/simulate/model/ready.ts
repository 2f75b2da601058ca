import type { Write } from './write';

/** Writes whose turn has come, earliest first: of one item one at a time, and no more than the limit of all. */
export interface Queue {
  /** Starts one, if there may be one more. */
  readonly next: () => Write | undefined;
  /** The next one of its item may start. */
  readonly finish: (write: Write) => void;
}

/** `writes` in the order of their index. */
export const createQueue = (writes: readonly Write[], limit: number): Queue => {
  const lanes = new Map<number, Write[]>();
  const ready: Write[] = [];
  for (const write of writes) {
    const lane = lanes.get(write.key);
    if (lane) lane.push(write);
    else {
      lanes.set(write.key, []);
      ready.push(write);
    }
  }
  let first = 0;
  let started = 0;
  return {
    next: () => {
      if (started >= limit || first >= ready.length) return undefined;
      started += 1;
      return ready[first++];
    },
    finish: ({ key }) => {
      started -= 1;
      const next = lanes.get(key)?.shift();
      if (!next) return;
      let place = ready.length;
      while (place > first && (ready[place - 1] as Write).index > next.index) place -= 1;
      ready.splice(place, 0, next);
    },
  };
};
