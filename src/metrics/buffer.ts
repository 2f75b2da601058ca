import type { MetricUnit } from './metrics';

export type Dimensions = Readonly<Record<string, string>>;

/** What was measured under one name and unit: counts as their sum, everything else value by value. */
export interface Series {
  readonly name: string;
  readonly unit: MetricUnit;
  readonly values: number[];
}

export interface SeriesGroup {
  readonly dimensions: Dimensions;
  readonly series: readonly Series[];
}

/** Collects measurements by dimensions. Not shared between makers of metrics: each has its own. */
export interface MetricsBuffer {
  add(name: string, unit: MetricUnit, value: number, dimensions: Dimensions): void;
  /** Everything since the last call, once. Synchronous, so overlapping invocations can neither lose nor double a value. */
  drain(): readonly SeriesGroup[];
}

export const createBuffer = (): MetricsBuffer => {
  let groups = new Map<string, { readonly dimensions: Dimensions; readonly series: Map<string, Series> }>();

  return {
    add(name, unit, value, dimensions) {
      const groupKey = keyOf(dimensions);
      let group = groups.get(groupKey);
      if (!group) groups.set(groupKey, (group = { dimensions: { ...dimensions }, series: new Map() }));
      const seriesKey = `${unit} ${name}`;
      const series = group.series.get(seriesKey);
      if (!series) group.series.set(seriesKey, { name, unit, values: [value] });
      else if (unit === 'Count') series.values[0] = (series.values[0] ?? 0) + value;
      else series.values.push(value);
    },
    drain() {
      const drained = groups;
      groups = new Map();
      return Array.from(drained.values(), ({ dimensions, series }) => ({ dimensions, series: [...series.values()] }));
    },
  };
};

/** The same dimensions in another order are the same metric. */
const keyOf = (dimensions: Dimensions): string => {
  const names = Object.keys(dimensions);
  const only = names[0];
  // The usual case, `pipeline` alone, is called for every event.
  if (names.length === 1 && only !== undefined) return `${only}\0${dimensions[only]}`;
  return JSON.stringify(names.sort().map((name) => [name, dimensions[name]]));
};
