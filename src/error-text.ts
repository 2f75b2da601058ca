/** An error in one line, for a log or for others to read: its name and what it says. Takes whatever was thrown. */
export const describeError = (error: unknown): string => {
  if (typeof error === 'string') return error;
  const { name = 'Error', message = 'unknown' } = (error ?? {}) as { readonly name?: unknown; readonly message?: unknown };
  return `${String(name)}: ${String(message)}`;
};

/** Only what it says. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
