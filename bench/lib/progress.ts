export interface Progress {
  /** What is going on now, for example `cpu: round 3 of 9`. */
  readonly say: (text: string) => void;
  /** Wipes it off the terminal. */
  readonly end: () => void;
}

interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** On a terminal one line that changes; elsewhere one line for each row, so that a log says how far it came. */
export const createProgress = (terminal: Terminal): Progress => {
  let row: string | undefined;
  return {
    say: (text) => {
      const [name = ''] = text.split(':');
      if (terminal.isTTY) terminal.write(`\r\u001b[K${text}`);
      else if (name !== row) terminal.write(`${name} …\n`);
      row = name;
    },
    end: () => {
      if (terminal.isTTY && row !== undefined) terminal.write('\r\u001b[K');
      row = undefined;
    },
  };
};
