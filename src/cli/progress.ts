import type { Io } from './io';

export interface Progress {
  update(done: number, total: number): void;
  /** Wipes the bar off the terminal. */
  end(): void;
}

const WIDTH = 30;

/** A bar on a terminal, drawn again at every whole percent; nothing in a pipe. */
export const createProgress = ({ isTerminal, stderr }: Pick<Io, 'isTerminal' | 'stderr'>, label: string): Progress => {
  let shown = -1;
  return {
    update: (done, total) => {
      const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
      if (!isTerminal || percent === shown) return;
      shown = percent;
      const full = Math.round((percent / 100) * WIDTH);
      stderr(`\r${label} [${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}] ${String(percent).padStart(3)} %`);
    },
    end: () => {
      if (shown >= 0) stderr('\r\u001b[K');
    },
  };
};
