import type { Random } from '../../../src/replay/fixture/random';

/**
 * The value below which the given share of a standard normal distribution lies. A rational function in the middle and
 * one in the tails (P. Acklam's coefficients); the relative error is below 1.2e-9.
 */
export const normalQuantile = (share: number): number => {
  if (share < 0.02425) return tail(Math.sqrt(-2 * Math.log(share)));
  if (share > 1 - 0.02425) return -tail(Math.sqrt(-2 * Math.log(1 - share)));
  const q = share - 0.5;
  const r = q * q;
  return (((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r - 30.66479806614716) * r + 2.506628277459239) * q
    / (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r - 13.28068155288572) * r + 1);
};

const tail = (q: number): number =>
  (((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q + 4.374664141464968) * q + 2.938163982698783)
  / ((((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1);

/** Milliseconds until the answer to a request with that many writes. */
export type Latency = (writes: number) => number;

/**
 * Log-normal, from the median and the 99th percentile. Whether the service does the statements of a request side by
 * side is not documented; here it does, so the answer is there when the slowest of them is done.
 */
export const latencyOf = ({ latency, latencyTail }: { readonly latency: number; readonly latencyTail: number }, random: Random): Latency => {
  if (latency === 0 || latencyTail <= latency) return () => latency;
  const spread = Math.log(latencyTail / latency) / normalQuantile(0.99);
  // The largest of n draws needs no n draws: its distribution is the n-th power.
  return (writes) => latency * Math.exp(spread * normalQuantile(Math.min(Math.max((random() + 2 ** -33) ** (1 / writes), 1e-12), 1 - 1e-12)));
};
