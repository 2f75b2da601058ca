import { checkCommands, compareTables } from '../../src/service/local/e2e/compare';

const seat = { pk: 'opera.A1', sk: 'seat', show: 'opera', seat: 'A1', price: 10, status: 'free', timestamp: 100, notes: ['a', 'b'], recentCommands: [] };
const row = { pk: 'opera', sk: 'A1', price: 10, status: 'free', timestamp: 100, oplockTie: 'e' };

describe('the judge of the end-to-end run', () => {
  it('finds equal tables equal', () => {
    expect(compareTables([seat], [row])).toEqual([]);
    expect(compareTables([{ ...seat, deleted: true, ttl: 1 }], [{ pk: 'opera', sk: 'A1', timestamp: 100, deleted: true, ttl: 2, oplockTie: 'e' }])).toEqual([]);
  });

  it.each([
    ['a row that is missing', [], /not in the view/],
    ['an old price', [{ ...row, price: 9 }], /the view has .*9.*the source .*10/],
    ['an old timestamp', [{ ...row, timestamp: 99 }], /the view has/],
    ['a customer who is gone', [{ ...row, customer: 'ada' }], /the view has/],
    ['a deleted row', [{ ...row, deleted: true }], /the view has/],
    ['a row too many', [row, { ...row, sk: 'A2' }], /only in the view/],
  ])('finds %s', (_what, view, words) => {
    expect(compareTables([seat], view)).toEqual([expect.stringMatching(words)]);
  });

  it('finds commands that were lost, doubled, invented, or applied and refused', () => {
    expect(checkCommands([seat], ['a', 'b'], ['c'])).toEqual([]);
    expect(checkCommands([seat], ['a', 'b', 'c'], [])).toEqual([expect.stringContaining('c was accepted and is in the table 0 times'), expect.any(String)]);
    expect(checkCommands([{ ...seat, notes: ['a', 'b', 'a'] }], ['a', 'b'], [])).toEqual([expect.stringContaining('a was accepted and is in the table 2 times')]);
    expect(checkCommands([seat], ['a'], ['b'])).toEqual([expect.stringContaining('b was refused'), expect.any(String)]);
  });
});
