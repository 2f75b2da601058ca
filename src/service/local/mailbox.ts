import type { ChildProcess } from 'node:child_process';
import type { FromFunction } from './function-messages';

/** What a process answers, and whether it still can. One waits at a time. */
export interface Mailbox {
  readonly open: () => boolean;
  /** Nothing more is expected: for a process that is about to be killed. */
  close(): void;
  /** The next message; `late` when there is none within the time, `gone` when the process ended before. */
  next(timeoutMs: number): Promise<FromFunction | 'late' | 'gone'>;
  /** Resolves when the process has ended. */
  readonly gone: Promise<void>;
}

export const mailboxOf = (child: ChildProcess): Mailbox => {
  const waiting: FromFunction[] = [];
  let take: ((what: FromFunction | 'late' | 'gone') => void) | undefined;
  let open = true;

  child.on('message', (message) => {
    if (take) take(message as FromFunction);
    else waiting.push(message as FromFunction);
  });
  const gone = new Promise<void>((resolve) => {
    const end = (): void => {
      open = false;
      resolve();
      take?.('gone');
    };
    child.once('exit', end);
    child.once('error', end);
  });

  return {
    open: () => open,
    close: () => { open = false; },
    gone,
    async next(timeoutMs) {
      const first = waiting.shift();
      if (first) return first;
      // Closed but not yet ended: how it ended is a part of the answer.
      if (!open) return gone.then(() => 'gone' as const);
      return new Promise((resolve) => {
        const settle = (what: FromFunction | 'late' | 'gone'): void => {
          clearTimeout(timer);
          take = undefined;
          resolve(what);
        };
        const timer = setTimeout(() => settle('late'), timeoutMs);
        take = settle;
      });
    },
  };
};
