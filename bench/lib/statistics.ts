/** A middle, and where the middle half of the samples lies. */
export interface Summary {
  readonly median: number;
  /** A quarter of the samples is below. */
  readonly low: number;
  /** A quarter of them is above. */
  readonly high: number;
  readonly samples: readonly number[];
}

/** `share` of the samples is below: 0.5 is the median. Between two samples it is interpolated. Throws when there are none. */
export const quantile = (samples: readonly number[], share: number): number => {
  const sorted = [...samples].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new Error('no samples');
  return below + (above - below) * (place - Math.floor(place));
};

export const summarize = (samples: readonly number[]): Summary =>
  ({ median: quantile(samples, 0.5), low: quantile(samples, 0.25), high: quantile(samples, 0.75), samples });
