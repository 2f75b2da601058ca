/** Where progress is drawn: `process.stderr` will do. */
export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface Progress {
  readonly update: (done: number, total: number) => void;
  /** Wipes the bar off the terminal. */
  readonly end: () => void;
}

const WIDTH = 30;

/** A bar on a terminal, drawn again at every whole percent; nothing in a pipe. */
export const createProgress = (terminal: Terminal, label: string): Progress => {
  let shown = -1;
  return {
    update: (done, total) => {
      const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
      if (!terminal.isTTY || percent === shown) return;
      shown = percent;
      const full = Math.round((percent / 100) * WIDTH);
      terminal.write(`\r${label} [${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}] ${String(percent).padStart(3)} %`);
    },
    end: () => {
      if (shown >= 0) terminal.write('\r\u001b[K');
    },
  };
};
