import { converge } from './converge';
import type { ConvergeOptions, ConvergeSettings, ConvergeSubject } from './options';
import { renderConverge } from './render';

/** What Jest and Vitest want of a matcher. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/**
 * A matcher for Jest and Vitest: `expect.extend({ toConverge })`, then `await expect(rules).toConverge(events, { runs: 500 })`.
 * `received`: rules or pipelines. Its message is that of `renderConverge`. Rejects as `converge` does, also when it is negated.
 */
export const toConverge = async (
  received: NonNullable<ConvergeSubject['rules'] | ConvergeSubject['pipelines']>, events: NonNullable<ConvergeOptions['events']>, settings: ConvergeSettings = {},
): Promise<MatcherResult> => {
  const report = await converge({ ...settings, ...subjectOf(received), events });
  return { pass: report.converges, message: () => renderConverge(report) };
};

const subjectOf = (received: Parameters<typeof toConverge>[0]): ConvergeSubject =>
  (Array.isArray(received) ? { rules: received as NonNullable<ConvergeSubject['rules']> } : { pipelines: received as NonNullable<ConvergeSubject['pipelines']> });
