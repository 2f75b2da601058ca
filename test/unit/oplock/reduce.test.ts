import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { createHandler, fromKinesis, initializeFrom, materialize, timestampCondition, toKinesisRecords, type Event, type MaterializeRule, type Outcome } from '../../../src';
import { memoryEngine } from '../../../src/replay/engines/memory';
import type { Attempt } from '../../../src/oplock/attempt/attempt';
import { renderAttempt } from '../../../src/oplock/attempt/render';
import type { OplockOptions } from '../../../src/oplock/options';
import { refuseCounters } from '../../../src/oplock/reduce/refuse-counters';
import { settingsOf } from '../../../src/oplock/settings';
import type { WriteRequest } from '../../../src/oplock/write';
import { afterRefusal, attemptOf, planned, single, spelled } from '../../support/plans';
import { silent } from '../../support/uows';
import { NOW, T, thrownBy, uowOf } from './uow';

const KEY = { pk: 'a', sk: 'thing' };
const TTL = NOW / 1000 + 400 * 86_400;
const CHOICES = /'dedupeSet'.*'dedupeItem'.*'sequence'.*a row for each event/;

const plan = (request: Omit<WriteRequest, 'key'>, reduce: unknown, options: OplockOptions = {}, key: WriteRequest['key'] = KEY, uow = uowOf()): Attempt => {
  const all = { ...options, ...(reduce !== undefined && { reduce }) } as OplockOptions;
  return attemptOf(planned({ key, ...request }, uow, all), all);
};

describe('the options', () => {
  it.each<[string, unknown, OplockOptions, RegExp]>([
    ['a word that means counting', { n: 'add' }, {}, CHOICES],
    ['nothing', { n: undefined }, {}, CHOICES],
    ['an object that says nothing', { n: { keepForDays: 3 } }, {}, CHOICES],
    ['a name that all objects have', { n: 'toString' }, {}, CHOICES],
    ['a list', ['n'], {}, /an array where/],
    ['a counter that is an oplock', { timestamp: 'dedupeSet' }, {}, /"timestamp" is an attribute of the oplock options/],
    ['a marker that is an oplock', { n: { by: 'sequence', attribute: 'ttl' } }, {}, /"ttl" is an attribute/],
    ['a counter in a group', { n: 'dedupeSet' }, { groups: { a: ['n'] } }, /"n" is an attribute .* of a group/],
    ['a counter named as a group', { a: 'dedupeSet' }, { groups: { a: ['x'] } }, /"a" is the name of a group, and/],
    ['a counter named as what is in no group', { rest: 'dedupeSet' }, {}, /"rest" is the name of a group, that of/],
    ['a marker that is a group\'s oplock', { n: { by: 'dedupeSet', attribute: 'timestamp_a' } }, { groups: { a: ['x'] } }, /"timestamp_a" is/],
    ['one marker for two', { n: { by: 'dedupeSet', attribute: 's' }, m: { by: 'sequence', attribute: 's' } }, {}, /"s" would hold two things/],
    ['a marker that is a counter', { n: 'dedupeSet', n_seen: 'dedupeSet' }, {}, /"n_seen" would hold two things/],
    ['a marker without a name', { n: { by: 'dedupeSet', attribute: '' } }, {}, /an empty string/],
    ['a counter that cannot be read back', JSON.parse('{"__proto__":"dedupeSet"}'), {}, /__proto__/],
    ['days that are none', { n: { by: 'dedupeItem', keepForDays: 0 } }, {}, /keepForDays: found the number 0/],
    ['a table that is none', { n: { by: 'dedupeItem', tableName: '' } }, {}, /tableName: found an empty string/],
    ['a key that is no function', { n: { by: 'dedupeItem', key: 'k' } }, {}, /key: found the string "k"/],
    ['a sequence that is no function', { n: { by: 'sequence', sequence: 5 } }, {}, /sequence: found the number 5/],
    ['an epoch beside it', { n: 'dedupeSet' }, { epoch: 0 }, /cannot go with `epoch`/],
    ['more counters than an expression holds', Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`n${i}`, 'dedupeItem'])), {}, /21 counters/],
  ])('refuse %s', (_name, reduce, options, message) => {
    expect(thrownBy(() => settingsOf({ ...options, reduce } as OplockOptions))).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringMatching(message) });
  });

  it('take lww for what it is: the default', () => {
    expect(settingsOf({ reduce: { n: 'lww' } }).counters).toBeUndefined();
    expect(single(plan({ set: { n: 1 } }, { n: 'lww' }))).toEqual(single(plan({ set: { n: 1 } }, undefined)));
  });

  it('are for structured writes', () => {
    const rule = { id: 'r', reduce: { n: 'dedupeSet' }, toUpdateRequest: () => undefined } as unknown as MaterializeRule;
    expect(thrownBy(() => materialize(rule))).toMatchObject({ code: 'INVALID_RULE', message: expect.stringMatching(/"r" has `reduce`/) });
  });
});

describe('what an event adds', () => {
  it.each<[string, unknown, unknown, object]>([
    ['an attribute that nothing declares', undefined, { n: 1 }, { code: 'COUNTER_UNDER_OPLOCK', message: expect.stringMatching(CHOICES), details: { attribute: 'n' } }],
    ['one that is lww', { n: 'lww', m: 'dedupeSet' }, { m: 1, n: 1 }, { code: 'COUNTER_UNDER_OPLOCK', details: { attribute: 'n' } }],
    ['a name that all objects have', { n: 'dedupeSet' }, { toString: 1 }, { code: 'COUNTER_UNDER_OPLOCK' }],
    ['no number', { n: 'dedupeSet' }, { n: '1' }, { code: 'INVALID_WRITE', details: { path: 'add.n' } }],
    ['nothing', { n: 'dedupeSet' }, { n: undefined }, { code: 'INVALID_WRITE', message: expect.stringMatching(/nothing/) }],
    ['NaN', { n: 'dedupeSet' }, { n: NaN }, { code: 'INVALID_WRITE' }],
    ['digits that are lost', { n: 'dedupeSet' }, { n: 2 ** 60 }, { code: 'INVALID_WRITE', message: expect.stringMatching(/bigint/) }],
    ['a set', { n: 'dedupeSet' }, { n: new Set([1]) }, { code: 'INVALID_WRITE' }],
    ['a list of names', { n: 'dedupeSet' }, ['n'], { code: 'INVALID_WRITE', details: { path: 'add' } }],
  ])('is refused: %s', (_name, reduce, add, error) => {
    expect(thrownBy(() => plan({ add } as never, reduce))).toMatchObject(error);
  });

  it.each<[string, Omit<WriteRequest, 'key'>, string]>([
    ['set', { set: { n: 1 } }, 'set.n'],
    ['removed', { remove: ['n'] }, 'remove.n'],
    ['removed by a value', { set: { n: undefined }, add: { n: 1 } }, 'remove.n'],
    ['reset by its marker', { remove: ['n_seen'] }, 'remove.n_seen'],
    ['deleted', { tombstone: true }, 'tombstone'],
  ])('is not to be %s', (_name, request, path) => {
    expect(thrownBy(() => plan(request, { n: 'dedupeSet' }))).toMatchObject({ code: 'INVALID_WRITE', details: { path } });
  });

  it('is no attribute of the key', () => {
    expect(thrownBy(() => plan({ set: {} }, { n: 'dedupeSet' }, {}, { n: 'a' }))).toMatchObject({ code: 'INVALID_WRITE', details: { path: 'key.n' } });
  });

  it.each([['', undefined], ['x'.repeat(1025), undefined], ['\ud800', undefined]])('needs an id that a row can hold: %#', (id) => {
    expect(thrownBy(() => plan({ add: { n: 1 } }, { n: 'dedupeSet' }, { tie: () => 't' }, KEY, uowOf({ id })))).toMatchObject({ code: 'INVALID_WRITE', details: { path: 'event.id' } });
  });

  it.each<[string, unknown, string]>([
    ['the broker gives none', 'sequence', 'NO_SEQUENCE'],
    ['the event has none', { by: 'sequence', sequence: () => undefined }, 'INVALID_WRITE'],
    ['it has lost digits', { by: 'sequence', sequence: () => 2 ** 60 }, 'INVALID_WRITE'],
    ['it is empty', { by: 'sequence', sequence: () => '' }, 'INVALID_WRITE'],
  ])('has no place in a sequence when %s', (_name, reduction, code) => {
    const uow = uowOf();
    delete (uow.origin as { sequence?: string }).sequence;
    expect(thrownBy(() => plan({ add: { n: 1 } }, { n: reduction }, {}, KEY, uow))).toMatchObject({ code });
  });
});

describe('the request', () => {
  it('of dedupeSet adds number and id, if the id is not there', () => {
    expect(spelled(single(plan({ add: { n: 2 } }, { n: 'dedupeSet' })).input)).toEqual({ update: 'ADD n 2,n_seen {}', condition: 'attribute_not_exists(n_seen) OR NOT contains(n_seen,"event-1")' });
    expect(single(plan({ add: { n: 2 } }, { n: 'dedupeSet' })).input.ExpressionAttributeValues).toEqual({ ':0': 'event-1', ':1': 2, ':2': new Set(['event-1']) });
  });

  it('of sequence keeps the highest', () => {
    const reduce = { n: { by: 'sequence', sequence: () => 7, attribute: 'highest' }, m: 'sequence' };
    const sequence = JSON.stringify(uowOf().origin.sequence);
    expect(spelled(single(plan({ add: { n: 2, m: -1 } }, reduce)).input)).toEqual({
      update: `SET highest=7,m_sequence=${sequence} ADD n 2,m -1`,
      condition: `(attribute_not_exists(highest) OR highest < 7) AND (attribute_not_exists(m_sequence) OR m_sequence < ${sequence})`,
    });
  });

  const row = (attempt: Attempt): unknown => {
    const request = renderAttempt(attempt, 't');
    if (request.command !== 'transact') throw new Error(`a transaction was expected, not ${request.command}`);
    return request.input.TransactItems.slice(1).map(({ Put }) => ({ table: Put?.TableName, item: Put?.Item, condition: Put && spelled(Put).condition }));
  };

  it('of dedupeItem is a transaction with one row for all counters', () => {
    expect(row(plan({ add: { n: 2, m: 3 } }, { n: 'dedupeItem', m: { by: 'dedupeItem', keepForDays: 500 } }))).toEqual([
      { table: 't', item: { pk: 'a', sk: '#counted#event-1#thing', ttl: NOW / 1000 + 500 * 86_400 }, condition: 'attribute_not_exists(pk)' },
    ]);
  });

  it('puts its rows where it is told', () => {
    const elsewhere = { by: 'dedupeItem', tableName: 'counted', key: ({ pk }: Record<string, unknown>, id: string) => ({ id: `${String(pk)}/${id}` }) };
    expect(row(plan({ add: { n: 2, m: 1 } }, { n: elsewhere, m: 'dedupeItem' }, { ttlAttribute: 'expires' }))).toEqual([
      { table: 'counted', item: { id: 'a/event-1', expires: TTL }, condition: 'attribute_not_exists(id)' },
      { table: 't', item: { pk: 'a', sk: '#counted#event-1#thing', expires: TTL }, condition: 'attribute_not_exists(pk)' },
    ]);
    expect(row(plan({ add: { n: 2 } }, { n: 'dedupeItem' }, {}, { id: 'x' }))).toMatchObject([{ item: { id: '#counted#event-1#x' } }]);
    const rowOf = (event: string, item: string) => row(plan({ add: { n: 2 } }, { n: 'dedupeItem' }, {}, { id: item }, uowOf({ id: event })));
    expect(rowOf('e%', 'a#b')).toMatchObject([{ item: { id: '#counted#e%25#a#b' } }]);
    expect(rowOf('e#a', 'b')).toMatchObject([{ item: { id: '#counted#e%23a#b' } }]); // one row would say of both that they were counted
  });

  it('keeps the rows of an event that is ahead of the clock for longer', () => {
    expect(row(plan({ add: { n: 2 } }, { n: 'dedupeItem' }, {}, KEY, uowOf({ timestamp: NOW + 5_000 })))).toMatchObject([{ item: { ttl: TTL + 5 } }]);
  });

  it.each<[string, unknown, WriteRequest['key'], string]>([
    ['the key has no string', 'dedupeItem', { pk: 'a', version: 5 }, 'key.version'],
    ['its function gives no key', { by: 'dedupeItem', key: () => ({}) }, KEY, 'reduce.n.key'],
  ])('cannot make a row when %s', (_name, reduction, key, path) => {
    expect(thrownBy(() => plan({ add: { n: 1 } }, { n: reduction }, {}, key))).toMatchObject({ code: 'INVALID_WRITE', details: { path } });
  });

  it('stamps the item only when the event says something of it', () => {
    expect(spelled(single(plan({ add: { n: 2 }, set: {} }, { n: 'dedupeSet' })).input).update).toBe(`SET timestamp=${T},oplockTie="event-1" REMOVE deleted,ttl ADD n 2,n_seen {}`);
    expect(plan({ add: { n: 2 } }, { n: 'dedupeSet' }, { groups: { a: ['x'] } }).set).toEqual({});
    expect(plan({ add: { n: 2 } }, { n: 'dedupeSet' }, { onUnversioned: 'reject' }).set).toEqual({ timestamp: T, oplockTie: 'event-1' });
    expect(plan({ add: { n: 2 }, set: { x: 1 } }, { n: 'dedupeSet' }, { groups: { a: ['x'] } }).requires).toHaveLength(3);
  });
});

describe('after a refusal', () => {
  const both = plan({ set: { x: 1 }, add: { n: 1 } }, { n: 'dedupeSet' });
  const late = { timestamp: T + 5, oplockTie: 'other' };

  it('what is late still counts', () => {
    const next = afterRefusal(both, late) as Attempt;
    expect(next).toMatchObject({ set: {}, remove: [], add: { n: 1, n_seen: new Set(['event-1']) }, results: [{ kind: 'narrowed', dropped: { rest: { kind: 'stale', behindMs: 5 } } }] });
  });

  it.each<[string, Attempt, Record<string, unknown> | undefined, unknown]>([
    ['it is there in all parts', both, { timestamp: T, oplockTie: 'event-1', n_seen: new Set(['event-1']) }, { kind: 'duplicate' }],
    ['it has been counted, and overtaken', both, { ...late, n_seen: new Set(['x', 'event-1']) }, { kind: 'duplicate' }],
    ['it has not been counted', plan({ add: { n: 1 } }, { n: 'dedupeSet' }), { n_seen: new Set(['event-11']) }, { kind: 'passes', reason: 'the stored oplocks are older than the event' }],
    ['its place in the sequence is there', plan({ add: { n: 1 } }, { n: { by: 'sequence', sequence: () => 7 } }), { n_sequence: 7 }, { kind: 'duplicate' }],
    ['a higher place is there', plan({ add: { n: 1 } }, { n: { by: 'sequence', sequence: () => 7 } }), { n_sequence: 8 }, { kind: 'stale' }],
    ['another kind of place is there', plan({ add: { n: 1 } }, { n: { by: 'sequence', sequence: () => 7 } }), { n_sequence: '8' }, { kind: 'mismatch', reason: '"n_sequence" holds a string, the event\'s sequence is a number' }],
  ])('when %s', (_name, attempt, item, result) => {
    expect(afterRefusal(attempt, item)).toEqual(result);
  });

  it('of a transaction, its row tells whether the event has been counted', () => {
    const attempt = plan({ set: { x: 1 }, add: { n: 1, m: 1 } }, { n: 'dedupeItem', m: 'dedupeItem' });
    const counted = attempt.afterRefusal({ item: undefined, companions: [{ failed: true, item: {} }] });
    expect(counted).toMatchObject({ kind: 'attempt', set: { x: 1 }, results: [{ kind: 'narrowed', dropped: { n: { kind: 'duplicate' }, m: { kind: 'duplicate' } } }] });
    expect(counted).not.toHaveProperty('companions');
    expect(attempt.afterRefusal({ item: late, companions: [{ failed: false, item: undefined }] })).toMatchObject({ kind: 'attempt', add: { n: 1, m: 1 }, companions: [{ how: 'put' }] });
    expect(attempt.afterRefusal({ item: late, companions: [{ failed: true, item: {} }] })).toEqual({ kind: 'refused', results: [{ kind: 'duplicate' }] });
  });
});

describe('raw requests', () => {
  const request = (update: string, more: object = {}) => ({
    UpdateExpression: update, ...timestampCondition(),
    ExpressionAttributeNames: { '#timestamp': 'timestamp', '#n': 'n' },
    ExpressionAttributeValues: { ':timestamp': T, ':one': 1, ':tags': new Set(['a']), ':list': ['a'] },
    ...more,
  });

  it.each<[string, string]>([
    ['ADD of a number', 'SET #timestamp = :timestamp ADD #n :one'],
    ['a sum', 'SET #timestamp = :timestamp, #n = #n + :one'],
    ['a difference, from a start', 'SET #n = if_not_exists(#n, :zero) - :one, #timestamp = :timestamp'],
    ['a sum the other way round', 'SET #n = :one + n, #timestamp = :timestamp'],
    ['a longer list', 'SET #n = list_append(if_not_exists(#n, :empty), :list), #timestamp = :timestamp'],
    ['a member of a map', 'SET #timestamp = :timestamp ADD #n.#n :one'],
  ])('are refused under an oplock: %s', (_name, update) => {
    expect(thrownBy(() => refuseCounters(request(update)))).toMatchObject({
      code: 'COUNTER_UNDER_OPLOCK', message: expect.stringMatching(/changes n.*allowCounters: true.*'dedupeSet'/), details: { attribute: 'n' },
    });
  });

  it.each<[string, object]>([
    ['a set', request('SET #timestamp = :timestamp ADD #n :tags DELETE #m :tags')],
    ['a first value', request('SET #timestamp = :timestamp, #n = if_not_exists(#n, :one)')],
    ['values alone', request('SET #timestamp = :timestamp, #n = list_append(:list, :list), #m = :one + :one')],
    ['no oplock', request('ADD #n :one', { ConditionExpression: 'attribute_exists(pk)' })],
    ['no condition', request('ADD #n :one', { ConditionExpression: undefined })],
    ['a limit', request('ADD #n :one', { ConditionExpression: '#n < :one' })],
    ['a lease', request('SET lease = :until ADD #n :one', { ConditionExpression: 'lease < :timestamp' })],
    ['what is no expression', request('ADD ADD', {})],
    ['a condition that is none', request('SET #timestamp = :timestamp ADD #n :one', { ConditionExpression: '(((' })],
    ['a value that is missing', request('SET #timestamp = :timestamp ADD #n :two')],
  ])('pass: %s', (_name, input) => {
    expect(refuseCounters(input)).toBeUndefined();
  });
});

interface Sold extends Event { readonly amount: number; readonly name?: string }
const sold = (id: string, at: number, amount: number, name?: string): Sold => ({ id, type: 'sold', timestamp: T + at, partitionKey: 'a', amount, ...(name !== undefined && { name }) });

describe('through the pipeline', () => {
  const engine = memoryEngine();
  afterAll(() => engine.stop());

  const run = async (rule: object, batches: readonly (readonly Event[])[], oplock: OplockOptions = {}) => {
    const tableName = `reduce-${Math.random()}`;
    await engine.createTable({ name: tableName, partitionKey: 'pk', sortKey: 'sk' });
    const outcomes: Outcome[] = [];
    const faults: unknown[] = [];
    const handler = createHandler({
      source: fromKinesis, pipelines: initializeFrom([{ id: 'r', flavor: materialize, ...rule } as never]), tableName, client: engine.client, logger: silent, now: () => NOW, oplock,
      onSettled: ({ outcome }) => outcomes.push(outcome), publishFault: ({ err }) => { faults.push(err); return Promise.resolve(); },
    });
    const item = async () => (await engine.client.send(new GetCommand({ TableName: tableName, Key: KEY }))).Item;
    return { tableName, outcomes, faults, item, deliver: async () => { for (const batch of batches) await handler(toKinesisRecords(batch)); } };
  };
  const toWrite = ({ event: { amount, name } }: { event: Sold }): WriteRequest => ({ key: KEY, set: { name }, add: { n: amount } });

  it('a late event is narrowed and counts, one that comes again does not; a batch is not folded', async () => {
    const { deliver, outcomes, item } = await run({ reduce: { n: 'dedupeSet' }, toWrite, fold: true }, [[sold('2', 2, 5, 'new'), sold('1', 1, 3, 'old'), sold('2', 2, 5, 'new')], [sold('1', 1, 3, 'old')]]);
    await deliver();
    expect(outcomes).toEqual([{ kind: 'applied' }, { kind: 'narrowed', dropped: { rest: { kind: 'stale', behindMs: 1 } } }, { kind: 'duplicate' }, { kind: 'duplicate' }]);
    expect(await item()).toMatchObject({ n: 8, n_seen: new Set(['1', '2']), name: 'new', timestamp: T + 2 });
  });

  it('a full set is a fault that says what to do', async () => {
    const { deliver, tableName, faults } = await run({ reduce: { n: 'dedupeSet' }, toWrite }, [[sold('1', 1, 3)]]);
    const seen = new Set(Array.from({ length: 409 }, (_, i) => `${i}`.padEnd(1000, 'x')));
    await engine.client.send(new PutCommand({ TableName: tableName, Item: { ...KEY, n: 1, n_seen: seen, pad: 'x'.repeat(565) } }));
    await deliver();
    expect(faults).toEqual([expect.objectContaining({ code: 'ITEM_TOO_LARGE', message: expect.stringMatching(/n_seen.*each day, hour or minute an item/) })]);
  });

  const raw = {
    toUpdateRequest: ({ event: { timestamp } }: { event: Sold }) => ({
      Key: KEY, UpdateExpression: 'SET #timestamp = :timestamp ADD n :one', ...timestampCondition(), ExpressionAttributeNames: { '#timestamp': 'timestamp' },
      ExpressionAttributeValues: { ':timestamp': timestamp, ':one': 1 },
    }),
  };
  it('a raw request that counts is a fault, unless that is allowed', async () => {
    const refused = await run(raw, [[sold('1', 1, 3)]]);
    await refused.deliver();
    expect(refused.faults).toEqual([expect.objectContaining({ code: 'COUNTER_UNDER_OPLOCK' })]);
    const allowed = await run(raw, [[sold('1', 1, 3)]], { allowCounters: true });
    await allowed.deliver();
    expect([allowed.faults, await allowed.item()]).toEqual([[], expect.objectContaining({ n: 1 })]);
  });
});
