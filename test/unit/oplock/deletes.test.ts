import type { Attempt, Item, Refused, Result } from '../../../src/oplock/attempt/attempt';
import { renderAttempt, type TransactItem } from '../../../src/oplock/attempt/render';
import type { OnDelete } from '../../../src/oplock/deletes/options';
import { planItem } from '../../../src/oplock/plan/item';
import { settingsOf } from '../../../src/oplock/settings';
import type { KeyValue, OplockOptions, WriteRequest } from '../../../src/oplock/write';
import { planned, spelled } from '../../support/plans';
import { NOW, T, thrownBy, uowOf } from './uow';

const KEY = { pk: 'a', sk: 'thing' };
const SIDECAR = { pk: 'a', sk: '#oplock#thing' };
const TTL = NOW / 1000 + 400 * 86_400;
const OPTIONS = { onDelete: 'sidecar' } satisfies OplockOptions;

interface Given {
  readonly id?: string;
  readonly timestamp?: number;
  readonly request?: Omit<WriteRequest, 'key'>;
}

const updated = { set: { name: 'n' } };
const deleted = { tombstone: true };

/** One attempt for these events. */
const attemptOf = (events: readonly Given[], options: OplockOptions = OPTIONS): Attempt =>
  planItem(events.map(({ id = 'event-1', timestamp = T, request = updated }) => planned({ key: KEY, ...request }, uowOf({ id, timestamp }), options)), settingsOf(options));

const spell = (attempt: Attempt): readonly unknown[] => {
  const request = renderAttempt(attempt, 't');
  const items: readonly TransactItem[] = request.command === 'transact' ? request.input.TransactItems : [{ [request.command]: request.input }];
  return items.map((one) => {
    const [[action, input]] = Object.entries(one) as [[string, Parameters<typeof spelled>[0] & { readonly Key?: unknown; readonly Item?: unknown; readonly TableName?: string; readonly ReturnValuesOnConditionCheckFailure?: string }]];
    const { update, condition } = spelled(input);
    expect(input.ReturnValuesOnConditionCheckFailure).toBe('ALL_OLD');
    return [action, input.TableName, input.Key ?? input.Item, ...(update ? [update] : []), condition];
  });
};

const older = (id = 'event-1', at = T): string => `attribute_not_exists(timestamp) OR timestamp < ${at} OR (timestamp = ${at} AND oplockTie < "${id}")`;

/** What comes of an attempt when these were there. */
const refused = (attempt: Attempt, item: Item | undefined, sidecar?: Item): Attempt | Refused =>
  attempt.afterRefusal({ item, companions: (attempt.companions ?? []).map(() => ({ failed: sidecar !== undefined, item: sidecar })) });

const next = (attempt: Attempt, item: Item | undefined, sidecar?: Item): Attempt => {
  const after = refused(attempt, item, sidecar);
  if (after.kind !== 'attempt') throw new Error(`another attempt was expected: ${JSON.stringify(after.results)}`);
  return after;
};

const results = (after: Attempt | Refused): readonly Result[] => after.results;
const at = (timestamp: number, oplockTie = 'x', more: object = {}): Item => ({ timestamp, oplockTie, ...more });
const gone = (timestamp: number, oplockTie = 'x'): Item => at(timestamp, oplockTie, { ...SIDECAR, deleted: true, ttl: TTL });

describe('with sidecars, an update', () => {
  it('is one write of an item that is there, without a look at the sidecar', () => {
    const attempt = attemptOf([{}]);
    expect(spell(attempt)).toEqual([[
      'update', 't', KEY, `SET timestamp=${T},oplockTie="event-1",name="n" REMOVE deleted,ttl`, `(attribute_exists(timestamp)) AND (${older()})`,
    ]]);
    expect([attempt.refusesAbsent, attempt.results]).toEqual([true, [{ kind: 'applied' }]]);
  });

  it.each<[string, Item, Result]>([
    ['newer', at(T + 5), { kind: 'stale', behindMs: 5 }],
    ['of this event', at(T, 'event-1'), { kind: 'duplicate' }],
    ['a tombstone of before', at(T + 7, 'x', { deleted: true }), { kind: 'tombstoned', behindMs: 7 }],
    ['of another type', { timestamp: 'text' }, { kind: 'mismatch', reason: '"timestamp" holds a string, the event\'s oplock is a number' }],
  ])('is refused by an item that is %s', (_name, item, result) => {
    expect(refused(attemptOf([{}]), item)).toEqual({ kind: 'refused', results: [result] });
  });

  const transaction = [
    ['Update', 't', KEY, `SET timestamp=${T},oplockTie="event-1",name="n" REMOVE deleted,ttl`, older()],
    ['Delete', 't', SIDECAR, older()],
  ];

  it.each([['is not there', undefined], ['has no oplock', { name: 'foreign' }]])('takes the sidecar away in a transaction where the item %s', (_name, item) => {
    const attempt = next(attemptOf([{}]), item);
    expect(spell(attempt)).toEqual(transaction);
    expect(attempt.results).toEqual([{ kind: 'applied' }]);
  });

  it.each<[string, Item, Result]>([
    ['newer', gone(T + 3), { kind: 'tombstoned', behindMs: 3 }],
    ['of this event', gone(T, 'event-1'), { kind: 'duplicate' }],
    ['of the same time, with a greater tie', gone(T, 'event-2'), { kind: 'tombstoned', behindMs: 0 }],
    ['of another type', { timestamp: 'text' }, { kind: 'mismatch', reason: '"timestamp" holds a string, the event\'s oplock is a number' }],
  ])('is refused by a sidecar that is %s', (_name, sidecar, result) => {
    expect(refused(next(attemptOf([{}]), undefined), undefined, sidecar)).toEqual({ kind: 'refused', results: [result] });
  });

  it.each<[string, Item, Result]>([
    ['it is newer', at(T + 5), { kind: 'stale', behindMs: 5 }],
    ['it is our own write, whose answer was lost', at(T, 'event-1'), { kind: 'duplicate' }],
  ])('is over when the item has come in the meantime, and %s', (_name, item, result) => {
    expect(refused(next(attemptOf([{}]), undefined), item)).toEqual({ kind: 'refused', results: [result] });
  });

  it('says that something has changed when nothing is in its way any more', () => {
    expect(results(refused(next(attemptOf([{}]), undefined), undefined))).toMatchObject([{ kind: 'passes' }]);
  });
});

describe('with sidecars, several updates in one write', () => {
  const e1 = { id: 'e1', timestamp: T, request: { set: { name: 'n1' } } };
  const e2 = { id: 'e2', timestamp: T + 10, request: { set: { size: 2 } } };
  const e3 = { id: 'e3', timestamp: T + 20, request: { set: { colour: 'red' } } };
  const all = attemptOf([e1, e2, e3]);

  it('must all be newer than the sidecar', () => {
    expect(spell(next(all, undefined))[1]).toEqual(['Delete', 't', SIDECAR, older('e1')]);
  });

  it('lose those that the sidecar refuses, and the rest is tried again', () => {
    const rest = next(next(all, undefined), undefined, gone(T + 5));
    expect(rest.results).toEqual([{ kind: 'tombstoned', behindMs: 5 }, { kind: 'superseded', by: 'e3' }, { kind: 'applied' }]);
    expect(spell(rest)).toEqual([
      ['Update', 't', KEY, `SET timestamp=${T + 20},oplockTie="e3",size=2,colour="red" REMOVE deleted,ttl`, older('e2', T + 10)],
      ['Delete', 't', SIDECAR, older('e2', T + 10)],
    ]);
    const last = next(rest, undefined, gone(T + 10, 'e2'));
    expect(last.results).toEqual([{ kind: 'tombstoned', behindMs: 5 }, { kind: 'duplicate' }, { kind: 'applied' }]);
    expect(results(refused(last, undefined, gone(T + 30)))).toEqual([{ kind: 'tombstoned', behindMs: 5 }, { kind: 'duplicate' }, { kind: 'tombstoned', behindMs: 10 }]);
    expect(results(refused(last, at(T + 30)))).toEqual([{ kind: 'tombstoned', behindMs: 5 }, { kind: 'duplicate' }, { kind: 'stale', behindMs: 10 }]);
  });

  it('lose those that the item refuses, and go on as one write', () => {
    const rest = next(all, at(T + 5));
    expect(rest.results).toEqual([{ kind: 'stale', behindMs: 5 }, { kind: 'superseded', by: 'e3' }, { kind: 'applied' }]);
    expect(spell(rest)).toMatchObject([['update', 't', KEY, expect.any(String), `(attribute_exists(timestamp)) AND (${older('e2', T + 10)})`]]);
    expect(next(rest, undefined).companions).toHaveLength(1);
  });
});

describe('with sidecars, a delete', () => {
  const attempt = attemptOf([{ request: deleted }]);

  it('takes the item away and puts the sidecar, in one transaction', () => {
    expect(spell(attempt)).toEqual([
      ['Delete', 't', KEY, older()],
      ['Put', 't', { ...SIDECAR, timestamp: T, oplockTie: 'event-1', deleted: true, ttl: TTL }, older()],
    ]);
  });

  it('counts the sidecar\'s time from the later of now and the event\'s time', () => {
    const ttlOf = (timestamp: number, request: Omit<WriteRequest, 'key'>) => attemptOf([{ timestamp, request }], { ...OPTIONS, maxFutureSkew: Infinity }).companions?.[0]?.set['ttl'];
    expect([ttlOf(T, { tombstone: { keepForDays: 2 } }), ttlOf(NOW + 5_000, { tombstone: { keepForDays: 2 } })]).toEqual([NOW / 1000 + 172_800, NOW / 1000 + 5 + 172_800]);
  });

  it.each<[string, Item | undefined, Item | undefined, Result]>([
    ['a newer item', at(T + 5), undefined, { kind: 'stale', behindMs: 5 }],
    ['a newer tombstone of before', at(T + 5, 'x', { deleted: true }), undefined, { kind: 'tombstoned', behindMs: 5 }],
    ['an item of this event', at(T, 'event-1'), undefined, { kind: 'duplicate' }],
    ['a newer sidecar', undefined, gone(T + 4), { kind: 'tombstoned', behindMs: 4 }],
    ['its own sidecar', undefined, gone(T, 'event-1'), { kind: 'duplicate' }],
    ['a sidecar of another type', undefined, { timestamp: new Set(['x']) }, { kind: 'mismatch', reason: '"timestamp" holds a set, the event\'s oplock is a number' }],
    ['an item that is newer than a newer sidecar', at(T + 9), gone(T + 4), { kind: 'stale', behindMs: 9 }],
    ['what has changed since', undefined, undefined, { kind: 'passes', reason: 'the stored oplocks are older than the event' }],
  ])('is refused by %s', (_name, item, sidecar, result) => {
    expect(refused(attempt, item, sidecar)).toEqual({ kind: 'refused', results: [result] });
  });

  it('stands for older events that came with it, and is refused with them', () => {
    const run = attemptOf([{ id: 'e0', timestamp: T - 10 }, { id: 'event-1', request: deleted }, { request: deleted }]);
    expect(run.results).toEqual([{ kind: 'superseded', by: 'event-1' }, { kind: 'applied' }, { kind: 'duplicate' }]);
    expect(results(refused(run, undefined, gone(T, 'event-1')))).toEqual([{ kind: 'tombstoned', behindMs: 10 }, { kind: 'duplicate' }, { kind: 'duplicate' }]);
    expect(results(refused(run, at(T + 1)))).toEqual([{ kind: 'stale', behindMs: 11 }, { kind: 'stale', behindMs: 1 }, { kind: 'stale', behindMs: 1 }]);
  });

  it('has the names of the options, and the place that they give', () => {
    const onDelete = { sidecar: { tableName: 'sidecars', key: ({ pk }: Readonly<Record<string, KeyValue>>) => ({ id: `${String(pk)}!` }) } };
    const options = { onDelete, attribute: 'v', tieAttribute: 'e', deletedAttribute: 'gone', ttlAttribute: 'until', keepForDays: 1 };
    const condition = `attribute_not_exists(v) OR v < ${T} OR (v = ${T} AND e < "event-1")`;
    expect(spell(attemptOf([{ request: deleted }], options))).toEqual([
      ['Delete', 't', KEY, condition], ['Put', 'sidecars', { id: 'a!', v: T, e: 'event-1', gone: true, until: NOW / 1000 + 86_400 }, condition],
    ]);
    expect(spell(next(attemptOf([{}], options), undefined))[1]).toEqual(['Delete', 'sidecars', { id: 'a!' }, condition]);
  });
});

describe('a physical delete', () => {
  const options: OplockOptions = { onDelete: 'physical' };
  const attempt = attemptOf([{ request: deleted }], options);

  it('removes an item that is older', () => {
    expect(spell(attempt)).toEqual([['delete', 't', KEY, older()]]);
    expect([attempt.results, attempt.companions]).toEqual([[{ kind: 'applied' }], undefined]);
  });

  it.each<[string, Item | undefined, Result]>([
    ['newer', at(T + 5), { kind: 'stale', behindMs: 5 }],
    ['of this event', at(T, 'event-1'), { kind: 'duplicate' }],
    ['a tombstone of before', at(T + 5, 'x', { deleted: true }), { kind: 'tombstoned', behindMs: 5 }],
    ['gone', undefined, { kind: 'passes', reason: 'the item does not exist' }],
  ])('is refused by an item that is %s', (_name, item, result) => {
    expect(refused(attempt, item)).toEqual({ kind: 'refused', results: [result] });
  });

  it('takes older events along, and leaves updates as they are', () => {
    const run = attemptOf([{ id: 'e0', timestamp: T - 10 }, { request: deleted }], options);
    expect(run.results).toEqual([{ kind: 'superseded', by: 'event-1' }, { kind: 'applied' }]);
    expect(results(refused(run, at(T + 5)))).toEqual([{ kind: 'stale', behindMs: 15 }, { kind: 'stale', behindMs: 5 }]);
    expect(spell(attemptOf([{}], options))).toEqual(spell(attemptOf([{}], {})));
  });
});

describe('what is refused', () => {
  const write = (request: Omit<WriteRequest, 'key'>, onDelete: OnDelete, key: WriteRequest['key'] = KEY) => () => planned({ key, ...request }, uowOf(), { onDelete });

  it.each<[string, () => unknown, string, RegExp]>([
    ['an attribute, with a physical delete', write({ set: { reason: 'r' }, ...deleted }, 'physical'), 'set.reason', /onDelete: 'physical'.*nothing can be stored/],
    ['an attribute, with a sidecar', write({ set: { reason: 'r' }, ...deleted }, 'sidecar'), 'set.reason', /onDelete: 'sidecar'/],
    ['a time to live, with a physical delete', write({ tombstone: { keepForDays: 3 } }, 'physical'), 'tombstone.keepForDays', /nothing is stored/],
    ['an item with the key of a sidecar', write(updated, 'sidecar', SIDECAR), 'key.sk', /begins with "#oplock#"/],
    ['a key without a string', write(updated, 'sidecar', { pk: 1, sk: new Uint8Array([1]) }), 'key', /sidecar: \{ key:/],
    ['a sidecar in the item\'s own place', write(updated, { sidecar: { key: (key) => key } }), 'key', /the key of the item itself/],
    ['a sidecar\'s key that is none', write(updated, { sidecar: { key: () => ({ pk: '' }) } }), 'key.pk', /an empty string/],
    ['a sidecar\'s key of an attribute for the oplock', write(updated, { sidecar: { key: () => ({ timestamp: 1 }) } }), 'key.timestamp', /oplock options use/],
  ])('%s', (_name, act, path, message) => {
    expect(thrownBy(act)).toMatchObject({ code: 'INVALID_WRITE', details: { path }, message: expect.stringMatching(message) });
  });

  it('but not attributes that a delete says to remove, nor its own time', () => {
    for (const onDelete of ['physical', 'sidecar'] as const) {
      expect(planned({ key: KEY, set: { note: undefined, timestamp: T }, remove: ['other'], tombstone: {} }, uowOf(), { onDelete })).toMatchObject({ kind: 'tombstone', set: {} });
    }
  });

  it.each<[string, unknown, RegExp]>([
    ['another word', 'soft', /the string "soft".*'tombstone', 'sidecar', 'physical'/],
    ['null', null, /null/],
    ['an object without a sidecar', { tableName: 't' }, /an object where/],
    ['a table without a name', { sidecar: { tableName: '' } }, /tableName: found an empty string/],
    ['a key that is no function', { sidecar: { key: 'sk' } }, /key: found the string "sk"/],
  ])('%s, as an option', (_name, onDelete, message) => {
    expect(thrownBy(() => settingsOf({ onDelete: onDelete as OnDelete }))).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringMatching(message) });
  });

  it.each<OnDelete>(['sidecar', 'physical', { sidecar: {} }])('%j together with groups', (onDelete) => {
    expect(thrownBy(() => settingsOf({ onDelete, groups: { profile: ['name'] } }))).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringMatching(/cannot go with groups/) });
  });
});

describe('the key of a sidecar', () => {
  const sidecarOf = (key: WriteRequest['key'], onDelete: OnDelete = 'sidecar') => planned({ key, ...updated }, uowOf(), { onDelete }).sidecar?.key;

  it.each<[string, WriteRequest['key'], WriteRequest['key']]>([
    ['of partition and sort key', KEY, SIDECAR],
    ['in whatever order', { sk: 'thing', pk: 'a' }, SIDECAR],
    ['of a partition key alone', { id: 'a' }, { id: '#oplock#a' }],
    ['with a number as sort key', { pk: 'a', sk: 7 }, { pk: '#oplock#a', sk: 7 }],
    ['with bytes as partition key', { pk: new Uint8Array([1]), sk: 's' }, { pk: new Uint8Array([1]), sk: '#oplock#s' }],
  ])('%s', (_name, key, sidecar) => {
    expect(sidecarOf(key)).toEqual(sidecar);
  });

  it('is what the option says', () => {
    expect(sidecarOf({ n: 5 }, { sidecar: { key: ({ n }) => ({ n: -Number(n) }) } })).toEqual({ n: -5 });
    expect(sidecarOf(KEY, { sidecar: { tableName: 'sidecars', key: (key) => key } })).toEqual(KEY);
  });
});

it('writes are folded only by sinks that delete in the same way', () => {
  const kinds: OnDelete[] = ['tombstone', 'physical', 'sidecar', { sidecar: { tableName: 't' } }, { sidecar: { key: (key) => key } }];
  expect(new Set(kinds.map((onDelete) => settingsOf({ onDelete }).signature)).size).toBe(kinds.length);
  expect([{ onDelete: 'sidecar' }, { onDelete: { sidecar: {} } }].map((one) => settingsOf(one as OplockOptions).signature)).toEqual([settingsOf(OPTIONS).signature, settingsOf(OPTIONS).signature]);
});
