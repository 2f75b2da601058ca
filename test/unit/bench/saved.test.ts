import { describeMeasurements, mergeSaved, type Measurement, type SavedResult } from '../../../bench/lib/saved';

const on = (date: string, rounds = 7): Measurement => ({ date, rounds, node: '22.1.0', machine: '2 cores' });
const row = (id: string, skipped = 'before') => ({ id, title: id, skipped });
const saved = (id: string): SavedResult => ({ ...row(id), measured: on('2026-01-31') });

describe('what the bench saves', () => {
  it('takes the place of what was saved of the same rows; the others stay, in the order of the rows', () => {
    const merged = mergeSaved({ results: [saved('c'), saved('a')] }, [row('b', 'now'), row('a', 'now')], on('2026-02-01', 3), ['a', 'b', 'c', 'd']);
    expect(merged.results).toEqual([
      { ...row('a', 'now'), measured: on('2026-02-01', 3) },
      { ...row('b', 'now'), measured: on('2026-02-01', 3) },
      saved('c'),
    ]);
  });

  it('drops rows that there are no more', () => {
    expect(mergeSaved({ results: [saved('gone'), saved('a')] }, [], on('2026-02-01'), ['a']).results).toEqual([saved('a')]);
  });

  it('says what it was measured on, once where that is the same for all', () => {
    expect(describeMeasurements([saved('a'), saved('b')])).toBe('Measured on 2026-01-31 with Node 22.1.0 on 2 cores, 7 rounds.');
    expect(describeMeasurements([saved('a'), { ...saved('b'), measured: on('2026-02-01', 1) }, saved('c')])).toBe([
      'Measured on 2026-01-31 with Node 22.1.0 on 2 cores, 7 rounds (`a`, `c`).',
      'Measured on 2026-02-01 with Node 22.1.0 on 2 cores, 1 round (`b`).',
    ].join('\n'));
  });
});
