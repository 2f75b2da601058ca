/** Counts values in classes that are 1 % wide, so that percentiles of millions of them need no list. */
export interface Histogram {
  readonly add: (value: number) => void;
  readonly count: () => number;
  /** `share` from 0 to 1; 0 of nothing. At most 1 % too high, and never more than the largest value. */
  readonly percentile: (share: number) => number;
  readonly max: () => number;
}

const WIDTH = Math.log(1.01);

export const createHistogram = (): Histogram => {
  const classes: number[] = [];
  let count = 0;
  let max = 0;
  return {
    add: (value) => {
      const place = value <= 1 ? 0 : Math.ceil(Math.log(value) / WIDTH);
      while (classes.length <= place) classes.push(0);
      classes[place] = (classes[place] as number) + 1;
      count += 1;
      if (value > max) max = value;
    },
    count: () => count,
    percentile: (share) => {
      let left = Math.ceil(share * count);
      const place = classes.findIndex((inClass) => (left -= inClass) <= 0);
      return count === 0 ? 0 : Math.min(max, Math.exp(place * WIDTH));
    },
    max: () => max,
  };
};
