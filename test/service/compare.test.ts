import { checkCommands, checkEvents, checkOutcomes, compareTables } from '../../src/service/local/e2e/compare';

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

  describe('of events', () => {
    const change = (timestamp: number, pk = 'opera.A1') => ({ dynamodb: { Keys: { pk: { S: pk } }, NewImage: { timestamp: { N: String(timestamp) } } } });
    const event = (timestamp: number, partitionKey = 'opera.A1') => ({ kinesis: { data: Buffer.from(JSON.stringify({ partitionKey, timestamp })).toString('base64') } });
    const changes = [change(1), change(2), change(3)];

    it('takes repetitions, also those that come late', () => {
      expect(checkEvents(changes, [1, 2, 1, 2, 3, 2].map((time) => event(time)), ['opera.A1 2'])).toEqual([]);
    });

    it.each([
      ['lost, although a later one hides it', [1, 3], 'opera.A1 2 was never published'],
      ['invented', [1, 2, 3, 4], 'opera.A1 4 was published and is no change'],
      ['out of order', [1, 3, 2], 'opera.A1 2 was published behind a later one'],
    ])('finds one that is %s', (_what, times, words) => {
      expect(checkEvents(changes, times.map((time) => event(time)), [])).toEqual([words]);
    });

    it('finds an ETag that is of another seat', () => {
      expect(checkEvents([change(1)], [event(1)], ['opera.A1 1', 'opera.A2 1'])).toEqual([expect.stringContaining('opera.A2 1 was the ETag of an answer')]);
    });
  });

  it.each([
    ['enough', { applied: 3, duplicate: 2, retry: 9 }, []],
    ['too little, for a retry settles nothing', { applied: 3, retry: 9 }, ['listener accounts for 3 of 4 records']],
    ['nothing', undefined, ['listener accounts for 0 of 4 records']],
    ['too much that was left out', { applied: 4, filtered: 1 }, ['listener says filtered of 1 records']],
    ['what nothing was told to skip', { applied: 4, unchanged: 2 }, ['listener says unchanged of 2 records']],
  ])('of outcomes: sees that a function accounts for %s', (_what, outcomes, words) => {
    expect(checkOutcomes('listener', outcomes, 4)).toEqual(words);
  });
});
