/** Where measurements go. {@link emf} and {@link powertools} make one; any object of this shape will do. */
export interface Metrics {
  /** Called synchronously and often: must not throw and must not wait. */
  add(name: string, unit: MetricUnit, value: number, dimensions: Readonly<Record<string, string>>): void;
  /** Called at the end of every invocation, also of a failing one. */
  flush(): void | Promise<void>;
}

export type MetricUnit = 'Count' | 'Milliseconds';
