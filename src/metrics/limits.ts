import type { Dimensions } from './buffer';

/** Limits of CloudWatch's embedded metric format. What exceeds them is ignored there without a word. */
export const MAX_METRICS_PER_LINE = 100;
export const MAX_VALUES_PER_METRIC = 100;
export const MAX_DIMENSIONS = 30;
const MAX_NAME_LENGTH = 255;
const MAX_DIMENSION_VALUE_LENGTH = 1024;
/** CloudWatch takes values from -2^360 to 2^360. */
const MAX_MAGNITUDE = 2 ** 360;
/** Keeps a line far below the size limit of a log event (256 KB), whatever the numbers look like. */
export const MAX_VALUES_PER_LINE = 4_000;

export const isMetricName = (name: string): boolean => name.length > 0 && name.length <= MAX_NAME_LENGTH && name !== '_aws';

export const isMetricValue = (value: number): boolean => Number.isFinite(value) && Math.abs(value) <= MAX_MAGNITUDE;

/**
 * Dimensions as CloudWatch takes them: printable ASCII only (`?` for each other character), within the lengths, no
 * leading colon in a name. A value without any visible character becomes `-`.
 */
export const cleanDimensions = (dimensions: Dimensions): Dimensions =>
  Object.fromEntries(
    Object.entries(dimensions).map(([name, value]) => [
      ascii(name, MAX_NAME_LENGTH).replace(/^:/, '?'),
      ascii(value, MAX_DIMENSION_VALUE_LENGTH),
    ]),
  );

const ascii = (text: unknown, length: number): string => {
  const clean = String(text).replace(/[^\x20-\x7e]/gu, '?').slice(0, length);
  return clean.trim() === '' ? '-' : clean;
};
