import { specification } from '../../../../src/replay';
import { event, PLANTED } from './planted';

describe('specification', () => {
  const { corrected, rules } = PLANTED['a physical delete'] ?? { corrected: [], rules: [] };
  const partial = PLANTED['two partial mappings under one oplock'];
  const given = (more: object = {}) => specification({ rules: corrected, runs: 50, ...more });
  const KEY = { pk: 'thing-1', sk: 'thing' };
  const stored = { ...KEY, name: 'old', color: 'red', timestamp: Date.UTC(2025, 0, 1) };
  const renamed = event('e1', 'thing-renamed', 100, { name: 'new' });
  const deleted = event('e2', 'thing-deleted', 200);

  it('starts with the items that are given, and compares what is named', async () => {
    await given()(stored).whenEvents([renamed]).inAnyOrder().thenItem({ ...KEY, name: 'new', color: 'red', gone: undefined });
    await given()().whenEvents([renamed]).inOrder().thenItem({ ...KEY, name: 'new', color: undefined });
    await given()(stored).whenEvents([deleted, renamed]).inAnyOrder().thenItem({ ...KEY, deleted: true, name: undefined });
    await given()(stored).whenEvents([renamed]).inOrder().thenNoItem({ ...KEY, sk: 'other' });
  });

  it.each<[string, object, RegExp]>([
    ['another value', { ...KEY, name: 'newer' }, /- "name": "newer"\n\s+\+ "name": "new"/],
    ['an attribute that is not there', { ...KEY, size: 1 }, /- "size": 1/],
    ['one that should not be there', { ...KEY, color: undefined }, /\+ "color": "red"/],
    ['another item', { ...KEY, sk: 'other' }, /missing items.*sk="other"/s],
  ])('fails on %s', async (_name, item, message) => {
    await expect(given()(stored).whenEvents([renamed]).inAnyOrder().thenItem({ ...item })).rejects.toMatchObject({ code: 'SPECIFICATION_FAILED', message: expect.stringMatching(message) });
  });

  it('fails when there is an item, and a tombstone is one', async () => {
    await expect(given()().whenEvents([deleted]).inOrder().thenNoItem(KEY)).rejects.toMatchObject({ code: 'SPECIFICATION_FAILED', message: expect.stringMatching(/"deleted":true/) });
    await given({ rules })(stored).whenEvents([deleted]).inOrder().thenNoItem(KEY);
  });

  it('fails on what holds in one order only', async () => {
    const { rules: mistaken = [], events = [] } = partial ?? {};
    const then = { ...KEY, name: 'n', address: 'a' };
    await given({ rules: mistaken })().whenEvents(events).inOrder().thenItem(then);
    await expect(given({ rules: mistaken })().whenEvents(events).inAnyOrder().thenItem(then)).rejects.toMatchObject({ code: 'SPECIFICATION_FAILED', message: expect.stringMatching(/write different attributes/) });
  });
});
