import type { Group } from '../sides/sides';
import { summarize, type Summary } from './statistics';

/** What one side came to: a figure, or why it has none. */
export type Figure = { readonly name: string; readonly label: string; readonly group: Group; readonly note?: string } & (
  | { readonly summary: Summary }
  /** The job cannot be done with it, or it was not done right. */
  | { readonly cannot: string }
);

/** One part of a target. */
export interface Condition {
  readonly text: string;
  readonly value: number;
  readonly met: boolean;
}

/** What a row came to. */
export interface Result {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly figures: readonly Figure[];
  /** Names of the sides whose figures are the main ones. */
  readonly main: { readonly ours?: string; readonly peer?: string; readonly limit?: string };
  /** The main figure of each group; null where the row has none. */
  readonly ours: number | null;
  readonly peer: number | null;
  readonly limit: number | null;
  readonly ratio: { readonly value: number; readonly of: string } | null;
  readonly target: string;
  readonly conditions: readonly Condition[];
  /** All conditions are; null: shown, without a target. */
  readonly met: boolean | null;
  readonly notes: readonly string[];
}

/** A row that was not run, and why. */
export interface Skipped {
  readonly id: string;
  readonly title: string;
  readonly skipped: string;
}

export const atMost = (text: string, value: number, most: number): Condition => ({ text: `${text} ≤ ${most}`, value, met: value <= most });
export const atLeast = (text: string, value: number, least: number): Condition => ({ text: `${text} ≥ ${least}`, value, met: value >= least });

/** The median of a side; throws when it has none, because then the row says nothing. */
export const medianOf = (figures: readonly Figure[], name: string): number => {
  const figure = figures.find((one) => one.name === name);
  if (!figure || 'cannot' in figure) throw new Error(`${name} has no figure: ${figure?.cannot ?? 'it did not run'}`);
  return figure.summary.median;
};

export const figureOf = ({ name, label, group }: { readonly name: string; readonly label: string; readonly group: Group }, samples: readonly number[], note?: string): Figure =>
  ({ name, label, group, summary: summarize(samples), ...(note !== undefined && { note }) });

type Facts = Pick<Result, 'id' | 'title' | 'unit' | 'figures' | 'main'> & {
  readonly ratio?: Result['ratio'];
  readonly conditions?: readonly Condition[];
  readonly notes?: readonly string[];
};

export const resultOf = ({ id, title, unit, figures, main, ratio = null, conditions = [], notes = [] }: Facts): Result => {
  const of = (name: string | undefined): number | null => (name === undefined ? null : medianOf(figures, name));
  return {
    id, title, unit, figures, main, ratio, conditions, notes,
    ours: of(main.ours), peer: of(main.peer), limit: of(main.limit),
    target: conditions.map(({ text }) => text).join(', ') || 'none',
    met: conditions.length === 0 ? null : conditions.every(({ met }) => met),
  };
};
