import type { Metrics } from './metrics';
import { NO_PIPELINE } from './outcome-metrics';

/**
 * Records a stored oplock that went backwards, under the dimension `pipeline`:
 * - `oplock.regression`, Count
 * - `oplock.regression.by`, Milliseconds: how far back, when the oplock is a time
 */
export const recordRegression = (metrics: Metrics, pipeline: string, byMs: number | undefined): void => {
  const dimensions = { pipeline: pipeline || NO_PIPELINE };
  metrics.add('oplock.regression', 'Count', 1, dimensions);
  if (byMs !== undefined) metrics.add('oplock.regression.by', 'Milliseconds', byMs, dimensions);
};
