import { differences, expectedRows, invocationOf, thingEvents } from '../../../bench/lib/things';

describe('events of the bench', () => {
  it('are the same each time, and later in a later round', () => {
    expect(thingEvents({ count: 5, round: 1 })).toEqual(thingEvents({ count: 5, round: 1 }));
    const [last] = thingEvents({ count: 900_000, keys: 1, round: 1 }).slice(-1);
    const [next] = thingEvents({ count: 1, round: 2 });
    expect(last?.timestamp).toBeLessThan(next?.timestamp ?? 0);
  });

  it('are of distinct items, unless there are fewer', () => {
    const ids = (spec: Parameters<typeof thingEvents>[0]) => new Set(thingEvents(spec).map(({ thing }) => thing.id));
    expect(ids({ count: 100, round: 0 }).size).toBe(100);
    expect([...ids({ count: 100, keys: 2, firstKey: 7, round: 0 })]).toEqual(['thing-7', 'thing-8']);
  });

  it('have a record each', () => {
    expect(invocationOf({ count: 3, round: 0 }).Records).toHaveLength(3);
  });

  it('leave the newest value of each attribute', () => {
    const rows = expectedRows(thingEvents({ count: 6, keys: 1, round: 0, partial: true }));
    expect(rows.get('thing-0')).toMatchObject({ name: 'Thing thing-0 at 5', status: 'available', price: 10.03, quantity: 4 });
  });
});

describe('the table that a side leaves', () => {
  const events = thingEvents({ count: 2, round: 3 });
  const rows = () => [...expectedRows(events)].map(([pk, row]) => ({ pk, sk: 'thing', ...row, oplockTie: 'its own' }));

  it('may have more attributes than the events', () => {
    expect(differences(expectedRows(events), rows())).toEqual([]);
  });

  it('must have every row and every value', () => {
    const [first] = rows();
    expect(differences(expectedRows(events), [{ ...first, price: 1 }])).toEqual(['thing-0.price is 1, not 10.03', 'thing-1 is missing']);
  });
});
