import { OplockStreamError } from '../errors';
import { createBuffer, type Dimensions, type Series, type SeriesGroup } from './buffer';
import {
  cleanDimensions, isMetricName, isMetricValue, MAX_DIMENSIONS, MAX_METRICS_PER_LINE, MAX_VALUES_PER_LINE,
  MAX_VALUES_PER_METRIC,
} from './limits';
import type { Metrics } from './metrics';

export interface EmfOptions {
  /** CloudWatch namespace, 1 to 255 characters, for example the name of the system. */
  readonly namespace: string;
  /** Becomes the dimension `service`. Default: none. */
  readonly service?: string;
  /** Put on every metric, at most 29 with `service`: one place is kept for `pipeline`. Default: none. */
  readonly dimensions?: Dimensions;
  /** Takes one line of JSON, without line end. Default: standard output, past `console`, which Lambda decorates. */
  readonly write?: (line: string) => void;
  /** Epoch milliseconds: the time of the metrics, read at flush. Default: `Date.now`. */
  readonly now?: () => number;
}

/** Count of measurements that CloudWatch would not have taken: not finite, a bad name, too many dimensions. */
export const DROPPED_METRIC = 'oplock.metrics.dropped';

/**
 * Metrics as lines of CloudWatch's embedded metric format, from which Lambda's log makes metrics: no request, no
 * permission. Buffers until `flush`, which is synchronous: one instance may serve overlapping invocations, and each
 * value is written exactly once. Counts are summed per flush.
 *
 * @throws {OplockStreamError} `INVALID_OPTION` when namespace or dimensions are outside the limits.
 */
export const emf = ({ namespace, service, dimensions, write = writeToStdout, now = Date.now }: EmfOptions): Metrics => {
  const fixed = cleanDimensions({ ...dimensions, ...(service === undefined ? {} : { service }) });
  checkOptions(namespace, fixed);
  const buffer = createBuffer();
  let dropped = 0;

  return {
    add(name, unit, value, own) {
      if (isMetricName(name) && isMetricValue(value)) buffer.add(name, unit, value, own);
      else dropped += 1;
    },
    flush() {
      const timestamp = now();
      // Dimensions are cleaned here, once per group, and not with each of a thousand calls of add.
      const groups = buffer.drain().map(({ dimensions: own, series }) => ({ dimensions: cleanDimensions({ ...fixed, ...own }), series }));
      const fitting = groups.map(fitGroup);
      for (const { misfits } of fitting) dropped += misfits;
      if (dropped > 0) fitting.push(fitGroup({ dimensions: fixed, series: [{ name: DROPPED_METRIC, unit: 'Count', values: [dropped] }] }));
      dropped = 0;
      for (const { group } of fitting) {
        for (const line of toLines(group)) write(JSON.stringify(render(namespace, timestamp, group.dimensions, line)));
      }
    },
  };
};

/** Leaves out what its dimensions make impossible, and counts it. */
const fitGroup = ({ dimensions, series }: SeriesGroup): { readonly group: SeriesGroup; readonly misfits: number } => {
  const tooMany = Object.keys(dimensions).length > MAX_DIMENSIONS;
  // In the JSON a metric and a dimension are members of one object: they must not share a name.
  const fitting = series.filter(({ name }) => !tooMany && !Object.hasOwn(dimensions, name));
  const misfits = series.filter((one) => !fitting.includes(one)).reduce((sum, { values }) => sum + values.length, 0);
  return { group: { dimensions, series: fitting }, misfits };
};

/** Cuts the series of one group into lines: a name once in a line, and every limit kept. */
const toLines = ({ series }: SeriesGroup): readonly (readonly Series[])[] => {
  const lines: { readonly names: Set<string>; readonly series: Series[]; values: number }[] = [];
  for (const chunk of series.flatMap(toChunks)) {
    let line = lines.find(
      ({ names, values }) =>
        !names.has(chunk.name) && names.size < MAX_METRICS_PER_LINE && values + chunk.values.length <= MAX_VALUES_PER_LINE,
    );
    if (!line) lines.push((line = { names: new Set(), series: [], values: 0 }));
    line.names.add(chunk.name);
    line.series.push(chunk);
    line.values += chunk.values.length;
  }
  return lines.map((line) => line.series);
};

const toChunks = ({ name, unit, values }: Series): readonly Series[] =>
  Array.from({ length: Math.ceil(values.length / MAX_VALUES_PER_METRIC) }, (_, i) => ({
    name,
    unit,
    values: values.slice(i * MAX_VALUES_PER_METRIC, (i + 1) * MAX_VALUES_PER_METRIC),
  }));

const render = (namespace: string, timestamp: number, dimensions: Dimensions, series: readonly Series[]): object =>
  // fromEntries defines own properties, so that no name reaches a prototype.
  Object.fromEntries<unknown>([
    ['_aws', {
      Timestamp: timestamp,
      CloudWatchMetrics: [{
        Namespace: namespace,
        Dimensions: [Object.keys(dimensions)],
        Metrics: series.map(({ name, unit }) => ({ Name: name, Unit: unit })),
      }],
    }],
    ...Object.entries(dimensions),
    ...series.map(({ name, values }) => [name, values.length === 1 ? values[0] : values] as const),
  ]);

const NAMESPACE = /^(?!AWS\/)(?=.*\S)[0-9A-Za-z.\-_/#: ]{1,255}$/;

const checkOptions = (namespace: string, fixed: Dimensions): void => {
  if (typeof namespace !== 'string' || !NAMESPACE.test(namespace)) {
    throw new OplockStreamError(
      'INVALID_OPTION',
      `emf({ namespace }) takes 1 to 255 of A-Z a-z 0-9 . - _ / # : and spaces, and no "AWS/" in front, found ${JSON.stringify(namespace)}: name your system, for example "Orders".`,
    );
  }
  const count = Object.keys(fixed).length;
  if (count >= MAX_DIMENSIONS) {
    throw new OplockStreamError(
      'INVALID_OPTION',
      `emf({ dimensions }) takes at most ${MAX_DIMENSIONS - 1} dimensions, service included, found ${count}: leave some out, CloudWatch takes ${MAX_DIMENSIONS} and "pipeline" is one of them.`,
    );
  }
};

const writeToStdout = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
