import { explain } from '../../../../src/replay/converge/explain';
import type { Facts } from '../../../../src/replay/converge/facts';

const ITEM = 'pk="thing-1" sk="thing"';

describe('explain', () => {
  const record = (name: string, kind: 'update' | 'put' = 'update') =>
    ({ name, events: [], writes: [{ item: ITEM, kind, sets: ['name'], computes: [], conditional: true }] });
  const facts = (more: Partial<Facts>): Facts => ({
    records: [], pairs: [], items: [ITEM], wholeSeconds: false,
    diff: { equal: false, missing: [], unexpected: [], differing: [{ key: ITEM, attributes: [{ name: 'name', expected: 'a' }] }] },
    ...more,
  });

  it('says so when it knows no cause', () => {
    const [a, b] = [record('a'), record('b')];
    const refused = { laterAfterEarlier: false, earlierAfterLater: false };
    expect(explain(facts({ records: [a, b], pairs: [{ item: ITEM, earlier: a, later: b, refused }] }))).toMatchObject({
      cause: 'unknown', attributes: ['name'], items: [ITEM], text: expect.stringMatching(/^a and b leave `pk="thing-1" sk="thing"` in another state .* none of the usual causes/),
    });
    expect(explain(facts({})).text).toMatch(/^The events leave/);
  });

  it('does not call it partial when the newer event replaces the whole item, or names all that the older one does', () => {
    const refused = { laterAfterEarlier: false, earlierAfterLater: true };
    for (const later of [record('b'), record('b', 'put')]) {
      expect(explain(facts({ records: [record('a'), later], pairs: [{ item: ITEM, earlier: record('a'), later, refused }] })).cause).toBe('unknown');
    }
  });
});
