import { createBuffer, type SeriesGroup } from './buffer';
import { cleanDimensions, isMetricName, isMetricValue, MAX_VALUES_PER_METRIC } from './limits';
import type { Metrics, MetricUnit } from './metrics';

/** The part of Powertools' `Metrics` class that is used: any version or object with these methods will do. */
export interface PowertoolsMetrics {
  addMetric(name: string, unit: MetricUnit, value: number): unknown;
  addDimensions(dimensions: Record<string, string>): unknown;
  publishStoredMetrics(): unknown;
  singleMetric(): Pick<PowertoolsMetrics, 'addMetric' | 'addDimensions'>;
}

export interface PowertoolsOptions {
  /**
   * - `false` (default): your own code may use the instance as well. Each value is written by a `singleMetric()`, a
   *   line of its own, because Powertools puts one set of dimensions on everything it has stored. What you stored
   *   and your dimensions are not touched.
   * - `true`: you made the instance for this alone. Values of one pipeline share lines, up to 99 each.
   */
  readonly dedicated?: boolean;
}

/**
 * Lets a Powertools `Metrics` instance take the measurements, with its namespace, service and default dimensions.
 * Buffers until `flush`, which is synchronous, so overlapping invocations may share it; counts are summed per flush.
 * Measurements that Powertools would refuse (not finite, a bad name) are left out.
 */
export const powertools = (metrics: PowertoolsMetrics, { dedicated = false }: PowertoolsOptions = {}): Metrics => {
  const buffer = createBuffer();
  const publish = dedicated ? publishTogether : publishSingly;

  return {
    add(name, unit, value, dimensions) {
      if (isMetricName(name) && isMetricValue(value)) buffer.add(name, unit, value, dimensions);
    },
    flush() {
      for (const group of buffer.drain()) publish(metrics, group);
    },
  };
};

const publishSingly = (metrics: PowertoolsMetrics, { dimensions, series }: SeriesGroup): void => {
  const single = metrics.singleMetric();
  const cleaned = cleanDimensions(dimensions);
  for (const { name, unit, values } of series) {
    for (const value of values) {
      single.addDimensions({ ...cleaned }); // gone again after each line
      single.addMetric(name, unit, value);
    }
  }
};

const publishTogether = (metrics: PowertoolsMetrics, { dimensions, series }: SeriesGroup): void => {
  // Powertools publishes by itself at 100 values and then forgets the dimensions: stay below.
  const cleaned = cleanDimensions(dimensions);
  const size = MAX_VALUES_PER_METRIC - 1;
  for (let from = 0; series.some(({ values }) => values.length > from); from += size) {
    metrics.addDimensions({ ...cleaned });
    for (const { name, unit, values } of series) {
      for (const value of values.slice(from, from + size)) metrics.addMetric(name, unit, value);
    }
    metrics.publishStoredMetrics();
  }
};
