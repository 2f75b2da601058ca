import type { Event } from '../../../src/event';
import { materialize } from '../../../src/flavors/materialize';
import { fromKinesis } from '../../../src/sources/from-kinesis';
import { itemStory } from '../../../src/replay/story/item-story';
import { renderStory } from '../../../src/replay/story/render-story';
import { kinesisInvocation } from '../../support/kinesis-events';

const T = Date.UTC(2026, 2, 1, 12);

const rules = [
  {
    id: 'thing', flavor: materialize, eventType: /^thing-(created|updated)$/,
    toWrite: ({ event }: { event: Event }) => {
      if (event['name'] === 'poison') throw new TypeError('cannot map this thing');
      return { key: { pk: String(event.partitionKey), sk: 'a/b' }, set: { name: event['name'] } };
    },
  },
  { id: 'gone', flavor: materialize, eventType: 'thing-deleted', toWrite: ({ event }: { event: Event }) => ({ key: { pk: String(event.partitionKey), sk: 'a/b' }, tombstone: true }) },
];

const event = (id: string, type: string, at: number, partitionKey: string, name?: string) => ({ id, type, timestamp: T + at, partitionKey, ...(name !== undefined && { name }) });

const fixtures = [kinesisInvocation([
  event('e1', 'thing-created', 0, 't1', 'red'),
  event('x1', 'thing-created', 5, 't2', 'blue'),
  event('e3', 'thing-updated', 180_000, 't1', 'green'),
  event('e2', 'thing-updated', 60_000, 't1', 'yellow'),
  event('e3', 'thing-updated', 180_000, 't1', 'green'),
  event('e4', 'thing-seen', 200_000, 't1'),
  event('e5', 'thing-updated', 210_000, 't1', 'poison'),
  event('e6', 'thing-deleted', 220_000, 't1'),
  event('e7', 'thing-updated', 215_000, 't1', 'late'),
])];

const story = (more: object = {}) => itemStory({ fixtures, rules, source: fromKinesis, key: { pk: 't1', sk: 'a/b' }, ...more });

it('tells of every event that has to do with the item, what it ended in and what it changed', async () => {
  const { chapters, deliveries, item } = await story();
  expect(deliveries).toBe(9);
  expect(chapters.map(({ delivery, event: of, parts, changes }) => [delivery, of?.id, parts.map(({ outcome }) => outcome.kind), changes.map(({ name }) => name)])).toEqual([
    [1, 'e1', ['applied'], ['name', 'oplockTie', 'timestamp']],
    [3, 'e3', ['applied'], ['name', 'oplockTie', 'timestamp']],
    [4, 'e2', ['stale'], []],
    [5, 'e3', ['duplicate'], []],
    [6, 'e4', ['filtered'], []],
    [7, 'e5', ['fault'], []],
    [8, 'e6', ['applied'], ['deleted', 'name', 'oplockTie', 'timestamp', 'ttl']],
    [9, 'e7', ['tombstoned'], []],
  ]);
  expect(item).toMatchObject({ pk: 't1', deleted: true, timestamp: T + 220_000 });
});

it('leaves out events of its partition that only wrote another item', async () => {
  const { chapters } = await story({ key: { pk: 't1', sk: 'another' } });
  expect(chapters.map(({ event: of, parts }) => [of?.id, parts.map(({ outcome }) => outcome.kind)])).toEqual([['e4', ['filtered']], ['e5', ['fault']]]);
});

it('is told in words', async () => {
  const text = renderStory(await story());
  for (const words of [
    'pk="t1" sk="a/b": 8 of 9 deliveries', '2026-03-01T12:03:00.000Z  thing-updated e3', 'name: "red" -> "green"',
    'stale (rule thing): a newer event was there already, by 2 min', 'duplicate (rule thing): this very event was there already',
    'fault (rule thing): cannot map this thing', 'tombstoned (rule thing): a newer delete is in the way, by 5 s', 'name: "green" -> (absent)', 'In the end: {"deleted":true',
  ]) expect(text).toContain(words);
});

it('says when an older edition of the rules came too late', async () => {
  const edition = (epoch: number) => rules.slice(0, 1).map((rule) => ({ ...(rule as object), id: `of-${epoch}`, oplock: { epoch }, filters: ({ event: { id } }: { event: Event }) => (id === 'e1') === (epoch === 4) })) as unknown as typeof rules;
  const { chapters, ...rest } = await story({ rules: [...edition(3), ...edition(4)] });
  expect(renderStory({ chapters, ...rest })).toContain('stale (rule of-3): the item is of the newer epoch 4\n');
});

it('tells of what was set aside at the time that the clock shows; by default nothing is ahead of it', async () => {
  const fromThen = await story({ now: T + 60_000, fixtures: [kinesisInvocation([
    event('e1', 'thing-created', 0, 't1', 'red'), event('bad', 'thing-updated', 400_000, 't1', 'bad'), event('bad2', 'thing-deleted', 400_000, 't1'), event('e2', 'thing-updated', 60_000, 't1', 'blue'),
  ])] });
  expect(fromThen.chapters.map(({ event: of, parts, changes, asked }) => [of?.id, parts.map(({ outcome }) => outcome.kind), changes.length > 0, asked])).toEqual([
    ['e1', ['applied'], true, true], ['bad', ['future'], false, false], ['bad2', ['future'], false, false], ['e2', ['applied'], true, true],
  ]);
  expect(fromThen.item).toMatchObject({ name: 'blue', timestamp: T + 60_000 });
  expect(renderStory(fromThen)).toMatch(/future \(rule thing\): event "bad" bears the time 2026-03-01T12:06:40\.000Z, 340000 ms ahead .+ come\n/);
  expect(JSON.stringify((await story()).chapters)).not.toContain('"future"');
});

it('ends the same in any order', async () => {
  const ends = await Promise.all([1, 2, 3].map(async (seed) => (await story({ shuffle: true, duplicate: 1, seed })).item));
  const { item } = await story();
  expect(ends).toEqual([item, item, item]);
});

it('says that there is no such item, and refuses a key that is not the table\'s', async () => {
  expect(renderStory(await story({ key: { pk: 'nobody', sk: 'a/b' } }))).toBe('No event of 9 has to do with pk="nobody" sk="a/b". Is it the key that the rules write?');
  await expect(story({ key: { id: 't1' } })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
});
