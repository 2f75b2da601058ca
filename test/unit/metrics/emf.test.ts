import fc from 'fast-check';
import { DROPPED_METRIC, emf, type EmfOptions } from '../../../src/metrics/emf';
import { readEmf } from './emf-lines';

const make = (options: Partial<EmfOptions> = {}) => {
  const lines: string[] = [];
  const metrics = emf({ namespace: 'Things', write: (line) => lines.push(line), now: () => 1_700_000_000_000, ...options });
  return { metrics, lines, read: () => readEmf(lines) };
};

describe('emf', () => {
  it('writes the format', () => {
    const { metrics, lines } = make({ service: 'listener', dimensions: { stage: 'dev' } });
    metrics.add('oplock.applied', 'Count', 1, { pipeline: 'things' });
    metrics.add('oplock.applied', 'Count', 1, { pipeline: 'things' });
    metrics.add('oplock.lag', 'Milliseconds', 120, { pipeline: 'things' });
    metrics.add('oplock.lag', 'Milliseconds', 80.5, { pipeline: 'things' });
    expect(lines).toEqual([]);
    void metrics.flush();
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([{
      _aws: {
        Timestamp: 1_700_000_000_000,
        CloudWatchMetrics: [{
          Namespace: 'Things', Dimensions: [['stage', 'service', 'pipeline']],
          Metrics: [{ Name: 'oplock.applied', Unit: 'Count' }, { Name: 'oplock.lag', Unit: 'Milliseconds' }],
        }],
      },
      stage: 'dev', service: 'listener', pipeline: 'things', 'oplock.applied': 2, 'oplock.lag': [120, 80.5],
    }]);
  });

  it('writes nothing when there is nothing, and nothing twice', () => {
    const { metrics, lines } = make();
    void metrics.flush();
    expect(lines).toEqual([]);
    metrics.add('a', 'Count', 1, {});
    void metrics.flush();
    void metrics.flush();
    expect(lines).toHaveLength(1);
  });

  it('writes one object per set of dimensions, in whatever order they are given', () => {
    const { metrics, read } = make();
    metrics.add('a', 'Count', 1, { pipeline: 'p', step: 's' });
    metrics.add('a', 'Count', 2, { step: 's', pipeline: 'p' });
    metrics.add('a', 'Count', 4, { pipeline: 'q' });
    metrics.add('a', 'Count', 8, {});
    void metrics.flush();
    expect(read().map(({ dimensions, values }) => [dimensions, values])).toEqual([
      [{ pipeline: 'p', step: 's' }, [3]], [{ pipeline: 'q' }, [4]], [{}, [8]],
    ]);
  });

  it('keeps every limit and every value, however much there is', () => {
    const measurement = fc.record({
      name: fc.constantFrom(...Array.from({ length: 130 }, (_, i) => `metric-${i}`), 'x'.repeat(255)),
      value: fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }),
      pipeline: fc.constantFrom('p', 'q'),
      repeat: fc.constantFrom(1, 1, 1, 250),
    });
    fc.assert(fc.property(fc.array(measurement, { maxLength: 300, size: 'max' }), (measurements) => {
      const { metrics, read } = make({ service: 's' });
      const expected = new Map<string, number[]>();
      for (const { name, value, pipeline, repeat } of measurements) {
        for (let i = 0; i < repeat; i++) metrics.add(name, 'Milliseconds', value, { pipeline });
        expected.set(`${pipeline} ${name}`, [...(expected.get(`${pipeline} ${name}`) ?? []), ...Array.from({ length: repeat }, () => value + 0)]);
      }
      void metrics.flush();
      const actual = new Map<string, number[]>();
      for (const { name, dimensions, values } of read()) {
        const key = `${dimensions['pipeline']} ${name}`;
        actual.set(key, [...(actual.get(key) ?? []), ...values]);
      }
      expect([...actual].sort()).toEqual([...expected].sort());
    }), { numRuns: 25 });
  });

  it('puts at most 100 metrics on a line', () => {
    const { metrics, lines, read } = make();
    for (let i = 0; i < 250; i++) metrics.add(`m${i}`, 'Count', i, { pipeline: 'p' });
    void metrics.flush();
    expect(lines).toHaveLength(3);
    expect(read().map(({ name, values }) => [name, values])).toEqual(Array.from({ length: 250 }, (_, i) => [`m${i}`, [i]]));
  });

  it('keeps a line within the size of a log event at the worst', () => {
    const { metrics, lines, read } = make();
    for (let m = 0; m < 100; m++) {
      for (let v = 0; v < 100; v++) metrics.add(`${m}${'n'.repeat(250)}`, 'Milliseconds', -1.234567890123456e-300, {});
    }
    void metrics.flush();
    expect(lines.length).toBeGreaterThan(1);
    expect(read().reduce((sum, { values }) => sum + values.length, 0)).toBe(10_000);
  });

  it.each([
    ['NaN', 'a', NaN], ['an infinity', 'a', Infinity], ['a value beyond 2^360', 'a', 2 ** 361],
    ['an empty name', '', 1], ['a name of 256 characters', 'n'.repeat(256), 1], ['the name of the envelope', '_aws', 1], ['the name of a dimension', 'stage', 1],
  ])('counts %s instead of writing it', (_, name, value) => {
    const { metrics, read } = make({ dimensions: { stage: 'dev' } });
    metrics.add(name, 'Milliseconds', value, {});
    metrics.add(name, 'Milliseconds', value, {});
    metrics.add('good', 'Count', 1, {});
    void metrics.flush();
    const dropped = { namespace: 'Things', name: DROPPED_METRIC, unit: 'Count', dimensions: { stage: 'dev' }, values: [2] };
    expect(read()).toEqual([{ ...dropped, name: 'good', values: [1] }, dropped]);
    void metrics.flush();
    expect(read()).toHaveLength(2);
  });

  it('takes 30 dimensions and counts what has 31', () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`d${i}`, 'v']));
    const { metrics, read } = make({ service: 's' });
    metrics.add('fits', 'Count', 1, many(29));
    metrics.add('too-many', 'Count', 1, many(30));
    void metrics.flush();
    expect(read().map(({ name, dimensions }) => [name, Object.keys(dimensions).length])).toEqual([['fits', 30], [DROPPED_METRIC, 1]]);
  });

  it('cleans dimensions and pollutes nothing', () => {
    const { metrics, read, lines } = make();
    metrics.add('a', 'Count', 1, { pipeline: 'Größe 😀', empty: '', blank: '  ', long: 'v'.repeat(2_000), ':colon': 'x\ny' });
    metrics.add('__proto__', 'Count', 3, JSON.parse('{"__proto__":"d","constructor":"c"}') as Record<string, string>);
    metrics.add('constructor', 'Count', 3, { pipeline: 'p' });
    void metrics.flush();
    expect(read()[0]?.dimensions).toEqual({ pipeline: 'Gr??e ?', empty: '-', blank: '-', long: 'v'.repeat(1_024), '?colon': 'x?y' });
    expect(lines.join()).toContain('"constructor":3');
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('neither loses nor doubles a value when invocations overlap', async () => {
    const { metrics, read } = make();
    const invocation = async (id: number) => {
      for (let i = 0; i < 20; i++) {
        metrics.add('done', 'Count', 1, { pipeline: 'p' });
        metrics.add('lag', 'Milliseconds', id * 100 + i, { pipeline: 'p' });
        if ((i + id) % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await metrics.flush();
    };
    await Promise.all(Array.from({ length: 30 }, (_, id) => invocation(id)));
    const all = read();
    const sum = all.filter(({ name }) => name === 'done').flatMap(({ values }) => values).reduce((a, b) => a + b, 0);
    const lags = all.filter(({ name }) => name === 'lag').flatMap(({ values }) => values).sort((a, b) => a - b);
    expect(sum).toBe(600);
    expect(lags).toEqual(Array.from({ length: 30 }, (_, id) => Array.from({ length: 20 }, (_, i) => id * 100 + i)).flat());
  });

  it('does not mix two instances', () => {
    const a = make();
    const b = make({ namespace: 'Others' });
    a.metrics.add('x', 'Count', 1, {});
    b.metrics.add('x', 'Count', 5, {});
    void b.metrics.flush();
    expect([a.read().length, b.read().map(({ namespace, values }) => [namespace, values])]).toEqual([0, [['Others', [5]]]]);
  });

  it('writes to standard output by default, one line each, past console', () => {
    const spy = jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
    const log = jest.spyOn(console, 'log').mockImplementation(() => {});
    try {
      const metrics = emf({ namespace: 'Things' });
      metrics.add('a', 'Count', 1, {});
      void metrics.flush();
      expect(spy).toHaveBeenCalledTimes(1);
      expect(spy.mock.calls[0]?.[0]).toMatch(/^\{.*\}\n$/);
      expect(log).not.toHaveBeenCalled();
    } finally {
      spy.mockRestore();
      log.mockRestore();
    }
  });

  it.each(['', ' ', 'AWS/Lambda', 'x'.repeat(256), 'Grün', undefined as unknown as string])('refuses the namespace %p', (namespace) => {
    expect(() => emf({ namespace })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  it('refuses dimensions that leave no place for the pipeline', () => {
    const many = Object.fromEntries(Array.from({ length: 29 }, (_, i) => [`d${i}`, 'v']));
    expect(() => emf({ namespace: 'n', dimensions: many, service: 's' })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    expect(() => emf({ namespace: 'n', dimensions: many })).not.toThrow();
  });
});
