import { formatNumber, formatResult } from '../../../bench/lib/format';
import { atLeast, atMost, figureOf, medianOf, resultOf, type Figure } from '../../../bench/lib/result';

const side = (name: string, group: Figure['group']) => ({ name, label: `the ${name}`, group });
const figures: readonly Figure[] = [
  figureOf(side('ours', 'ours'), [30, 31, 32]),
  figureOf(side('theirs', 'peer'), [400, 420, 410]),
  { ...side('other', 'peer'), cannot: 'loses attributes' },
];
const row = { id: 'cpu', title: 'CPU per event', unit: 'us', figures, main: { ours: 'ours', peer: 'theirs' } };

describe('verdicts of the bench', () => {
  it('meets a target on the line, and not beyond it', () => {
    expect([atMost('us', 40, 40).met, atMost('us', 40.1, 40).met, atLeast('times', 10, 10).met, atLeast('times', 9.9, 10).met]).toEqual([true, false, true, false]);
  });

  it('takes the medians of the main sides', () => {
    expect(resultOf(row)).toMatchObject({ ours: 31, peer: 410, limit: null, met: null, target: 'none' });
  });

  it('is met when all of its conditions are', () => {
    const met = (...conditions: Parameters<typeof atMost>[]) => resultOf({ ...row, conditions: conditions.map((one) => atMost(...one)) }).met;
    expect(met(['us', 31, 40], ['times', 1, 2])).toBe(true);
    expect(met(['us', 31, 40], ['times', 3, 2])).toBe(false);
  });

  it('has no median of a side that cannot do the job', () => {
    expect(() => medianOf(figures, 'other')).toThrow('other has no figure: loses attributes');
    expect(() => medianOf(figures, 'nobody')).toThrow('nobody has no figure: it did not run');
  });
});

describe('what the bench prints', () => {
  it('has every side, one that cannot do the job included, and the targets', () => {
    const result = resultOf({ ...row, ratio: { value: 410 / 31, of: 'peer / ours' }, conditions: [atMost('us', 31, 30), atLeast('times less', 410 / 31, 10)], notes: ['a note'] });
    expect(formatResult(result).split('\n')).toEqual([
      'cpu: CPU per event',
      '  the ours    31 us (30.5–31.5)',
      '  the theirs  410 us (405–415)',
      '  the other   loses attributes',
      '  peer / ours: 13.2',
      '  target us ≤ 30: 31 NOT MET',
      '  target times less ≥ 10: 13.2 met',
      '  a note',
    ]);
  });

  it('says why a row was not run', () => {
    expect(formatResult({ id: 'local', title: 'On DynamoDB Local', skipped: 'Java is missing' })).toBe('local: On DynamoDB Local\n  skipped: Java is missing');
  });

  it.each([[0, '0'], [0.01234, '0.0123'], [1.234, '1.23'], [12.34, '12.3'], [123.4, '123'], [12345.6, '12,346'], [50, '50']])('writes %d as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });
});
