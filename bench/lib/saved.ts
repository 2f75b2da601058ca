import type { Result, Skipped } from './result';

/** What a row was measured on, and when. */
export interface Measurement {
  /** `2026-01-31` */
  readonly date: string;
  readonly node: string;
  readonly machine: string;
  readonly rounds: number;
}

export type SavedResult = (Result | Skipped) & { readonly measured: Measurement };

/** What `--save` keeps. */
export interface Saved {
  readonly results: readonly SavedResult[];
}

/** Pure: what was measured now takes the place of what was saved of these rows. In the order of `ids`; rows that are no more are dropped. */
export const mergeSaved = ({ results: saved }: Saved, results: readonly (Result | Skipped)[], measured: Measurement, ids: readonly string[]): Saved => ({
  results: ids.flatMap((id) => {
    const now = results.find((result) => result.id === id);
    const before = saved.find((result) => result.id === id);
    return now ? [{ ...now, measured }] : before ? [before] : [];
  }),
});

/** Pure: what these results were measured on, in words; when not all on the same, which ones. */
export const describeMeasurements = (results: readonly SavedResult[]): string => {
  const ids = new Map<string, string[]>();
  for (const { id, measured: { date, node, machine, rounds } } of results) {
    const text = `on ${date} with Node ${node} on ${machine}, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`;
    ids.set(text, [...ids.get(text) ?? [], id]);
  }
  return [...ids].map(([text, of]) => `Measured ${text}${ids.size > 1 ? ` (${of.map((id) => `\`${id}\``).join(', ')})` : ''}.`).join('\n');
};
