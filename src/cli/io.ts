/** What the command touches of the outside world; tests put their own in its place. */
export interface Io {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Whether standard error is a terminal: progress is drawn on one only. */
  readonly isTerminal: boolean;
  /** Of this package. */
  readonly version: string;
  /** Loads a user's module by absolute path; gives its namespace. */
  readonly importModule: (path: string) => Promise<unknown>;
}

export const EXIT = { right: 0, mismatch: 1, usage: 2 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
