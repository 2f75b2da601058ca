import type { Logger } from '../../../src/logger';
import type { Metrics } from '../../../src/metrics/metrics';
import { safeMetrics } from '../../../src/metrics/safe';

const logging = () => {
  const warnings: string[] = [];
  const logger: Logger = { debug: () => {}, warn: (message) => warnings.push(message), error: () => {} };
  return { logger, warnings };
};
const failing: Metrics = { add: () => { throw new Error('full'); }, flush: () => { throw new Error('closed'); } };

describe('safeMetrics', () => {
  it('passes everything on', async () => {
    const calls: unknown[] = [];
    const metrics = safeMetrics({ add: (...call) => calls.push(call), flush: () => void calls.push('flush') }, logging().logger);
    metrics.add('a', 'Count', 1, { pipeline: 'p' });
    await metrics.flush();
    expect(calls).toEqual([['a', 'Count', 1, { pipeline: 'p' }], 'flush']);
  });

  it('logs failures, without a line for each', async () => {
    const { logger, warnings } = logging();
    const metrics = safeMetrics(failing, logger);
    for (let i = 0; i < 5; i++) metrics.add('a', 'Count', 1, {});
    expect(warnings).toHaveLength(1);
    await expect(metrics.flush()).resolves.toBeUndefined();
    expect(warnings).toHaveLength(3);
    metrics.add('a', 'Count', 1, {});
    expect(warnings).toHaveLength(4);
  });

  it('waits for a flush and takes its rejection', async () => {
    const { logger, warnings } = logging();
    let finished = false;
    const slow: Metrics = { add: () => {}, flush: async () => { await new Promise((resolve) => setImmediate(resolve)); finished = true; throw new Error('lost'); } };
    await expect(safeMetrics(slow, logger).flush()).resolves.toBeUndefined();
    expect(finished).toBe(true);
    expect(warnings).toHaveLength(1);
  });

  it('survives a logger that throws', async () => {
    const logger: Logger = { debug: () => {}, warn: () => { throw new Error('logger'); }, error: () => {} };
    const metrics = safeMetrics(failing, logger);
    expect(() => metrics.add('a', 'Count', 1, {})).not.toThrow();
    await expect(metrics.flush()).resolves.toBeUndefined();
  });
});
