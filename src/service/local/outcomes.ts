/** What the functions' own metrics say, added up: the lines that CloudWatch would read. */
export interface OutcomeCounter {
  /** Takes a line of a function's log; false when it is no line of metrics. */
  take(from: string, line: string): boolean;
  /** By function and outcome. */
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export const createOutcomeCounter = (): OutcomeCounter => {
  const counts: Record<string, Record<string, number>> = {};
  return {
    counts,
    take: (from, line) => {
      if (!line.includes('"CloudWatchMetrics"')) return false;
      const own = (counts[from] ??= {});
      for (const [name, value] of Object.entries(JSON.parse(line) as Record<string, unknown>)) {
        if (!name.startsWith('oplock.') || name === 'oplock.lag' || name === 'oplock.lateness') continue;
        const kind = name.slice('oplock.'.length);
        own[kind] = (own[kind] ?? 0) + sumOf(value);
      }
      return true;
    },
  };
};

/** A metric is a number, or several of one. */
const sumOf = (value: unknown): number =>
  Array.isArray(value) ? value.reduce<number>((sum, one) => sum + sumOf(one), 0) : typeof value === 'number' ? value : 0;
