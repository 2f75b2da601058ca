import { Metrics as Powertools } from '@aws-lambda-powertools/metrics';
import { powertools } from '../../../src/metrics/powertools';
import { readEmf } from './emf-lines';

/** The real class; only the stream at its end is replaced. */
const capture = (): { lines: string[]; restore: () => void } => {
  const lines: string[] = [];
  const spy = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    lines.push(...String(chunk).split('\n').filter((line) => line !== ''));
    return true;
  });
  return { lines, restore: () => spy.mockRestore() };
};

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const create = () => new Powertools({ namespace: 'Things', serviceName: 'listener', logger: silent });
const run = (dedicated: boolean, use: (metrics: ReturnType<typeof powertools>, instance: Powertools) => void): readonly string[] => {
  const { lines, restore } = capture();
  try {
    const instance = create();
    use(powertools(instance, { dedicated }), instance);
  } finally {
    restore();
  }
  return lines;
};

describe.each([['shared with other code', false], ['dedicated', true]])('a Powertools instance, %s', (_, dedicated) => {
  it('prints every value under its pipeline, beside its own dimensions', () => {
    const lines = run(dedicated, (metrics) => {
      for (let i = 0; i < 250; i++) {
        metrics.add('oplock.applied', 'Count', 1, { pipeline: 'things' });
        metrics.add('oplock.lateness', 'Milliseconds', -i, { pipeline: 'things' });
        metrics.add('oplock.lag', 'Milliseconds', i, { pipeline: 'things' });
      }
      metrics.add('oplock.stale', 'Count', 1, { pipeline: 'others' });
      void metrics.flush();
      void metrics.flush();
    });
    const all = readEmf(lines);
    expect(all.every(({ namespace, dimensions }) => namespace === 'Things' && dimensions['service'] === 'listener')).toBe(true);
    const valuesOf = (name: string, pipeline: string) =>
      all.filter((one) => one.name === name && one.dimensions['pipeline'] === pipeline).flatMap(({ values }) => values);
    expect(valuesOf('oplock.applied', 'things')).toEqual([250]);
    expect(valuesOf('oplock.lag', 'things')).toEqual(Array.from({ length: 250 }, (_, i) => i));
    expect(valuesOf('oplock.lateness', 'things')).toEqual(Array.from({ length: 250 }, (_, i) => 0 - i));
    expect(valuesOf('oplock.stale', 'others')).toEqual([1]);
    expect(all.flatMap(({ values }) => values)).toHaveLength(502);
    if (dedicated) expect(lines).toHaveLength(4);
  });

  it('leaves out what Powertools refuses, and keeps the rest', () => {
    const lines = run(dedicated, (metrics) => {
      metrics.add('', 'Count', 1, { pipeline: 'p' });
      metrics.add('a', 'Milliseconds', NaN, { pipeline: 'p' });
      metrics.add('b', 'Count', 1, { pipeline: '' });
      void metrics.flush();
    });
    expect(readEmf(lines).map(({ name, values, dimensions }) => [name, values, dimensions])).toEqual([['b', [1], { service: 'listener', pipeline: '-' }]]);
  });
});

describe('a Powertools instance that other code uses too', () => {
  it('does not touch what that code stored', () => {
    const lines = run(false, (metrics, instance) => {
      instance.addDimension('tenant', 'acme');
      instance.addMetric('orders', 'Count', 7);
      metrics.add('oplock.applied', 'Count', 1, { pipeline: 'things' });
      void metrics.flush();
      instance.publishStoredMetrics();
    });
    expect(readEmf(lines).map(({ name, values, dimensions }) => [name, values, dimensions])).toEqual([
      ['oplock.applied', [1], { service: 'listener', pipeline: 'things' }],
      ['orders', [7], { service: 'listener', tenant: 'acme' }],
    ]);
  });
});
