import { safeLogger, type Logger } from '../logger';
import type { Metrics } from './metrics';

/**
 * Metrics that cannot fail an invocation: what the inner ones throw or reject with is logged as a warning. Of
 * failing `add` calls only the first is logged until the next flush, which tells how many there were.
 */
export const safeMetrics = (metrics: Metrics, logger: Logger): Metrics => {
  let failedAdds = 0;

  const { warn } = safeLogger(logger);

  return {
    add(name, unit, value, dimensions) {
      try {
        metrics.add(name, unit, value, dimensions);
      } catch (error) {
        failedAdds += 1;
        if (failedAdds === 1) warn('A metric could not be recorded; the invocation goes on', { metric: name, error });
      }
    },
    async flush() {
      if (failedAdds > 1) warn('Metrics could not be recorded since the last flush', { count: failedAdds });
      failedAdds = 0;
      try {
        await metrics.flush();
      } catch (error) {
        warn('Metrics could not be flushed; the invocation goes on', { error });
      }
    },
  };
};
