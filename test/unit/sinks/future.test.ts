import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import _ from 'highland';
import {
  createHandler, fromKinesis, initialize, initializeFrom, materialize, pkCondition, publish, timestampCondition, toPromise, update, updateExpression,
  type Event, type EventPublisher, type FaultEvent, type InvocationSettings, type Metrics, type OplockOptions, type Rule,
} from '../../../src';
import type { Settled } from '../../../src/settled';
import { event, fromTest, identifierOf, silent, type TestRecord } from '../../support/uows';
import { uowOf } from '../oplock/uow';

const mock = mockClient(DynamoDBDocumentClient);
const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'local', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } }));
beforeEach(() => {
  mock.reset();
  mock.on(UpdateCommand).resolves({});
  mock.on(PutCommand).resolves({});
});

const NOW = 1_700_000_000_000;
const YEAR = 31_536_000_000;
const ahead = (id: string, ms: number, key = 'k'): TestRecord => ({ event: event(id, { timestamp: NOW + ms, key, partitionKey: key }) });
const toWrite = ({ event: { key, type } }: { event: Event }) => ({ key: { pk: key as string }, ...(type === 'deleted' ? { tombstone: true } : { set: { a: 1 } }) });
const rule = { id: 'r', flavor: materialize, toWrite };
type Rules = readonly (Rule & Record<string, unknown>)[];

const written = (): number => mock.commandCalls(UpdateCommand).length + mock.commandCalls(PutCommand).length;
const isFuture = (aheadMs: number) => ({ kind: 'future', aheadMs, error: expect.objectContaining({ code: 'FUTURE_EVENT' }) });

const run = async (records: readonly TestRecord[], rules: Rules, { oplock, ...settings }: InvocationSettings & { readonly oplock?: OplockOptions } = {}) => {
  const settled: Settled[] = [];
  const faults: FaultEvent[] = [];
  const logs: { level: string; message: string; about: unknown }[] = [];
  const log = (level: string) => (message: string, about: unknown) => { logs.push({ level, message, about }); };
  const head = fromTest(records, {
    now: () => NOW,
    logger: { debug: log('debug'), warn: log('warn'), error: log('error') },
    publishFault: async (fault) => faults.push(fault),
    onSettled: (one) => settled.push(one),
    ...settings,
  });
  const response = await initialize(initializeFrom(rules), { client, tableName: 't', retry: { maxAttempts: 1, baseMs: 0 }, ...(oplock && { oplock }) }).assemble(head).through(toPromise);
  return { settled, faults, logs, outcomes: settled.map(({ outcome }) => outcome), failures: response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) };
};

describe('an event from the future', () => {
  it('is not written, and is published with its record; the events behind it go on', async () => {
    const records = [ahead('bad', YEAR), ahead('good', -1), ahead('soon', 300_000)];
    const { outcomes, faults, failures, settled } = await run(records, [rule]);
    expect(outcomes).toEqual([isFuture(YEAR), { kind: 'superseded', by: 'soon' }, { kind: 'applied' }]);
    expect(failures).toEqual([]);
    expect(written()).toBe(1);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({
      type: 'fault', timestamp: NOW, tags: { pipeline: 'r' },
      err: { name: 'FutureEventError', code: 'FUTURE_EVENT', message: expect.stringContaining('"bad"'), details: { aheadMs: YEAR, timestamp: NOW + YEAR } },
      uow: { record: settled[0]?.record, event: records[0]?.event },
    });
  });

  it('is counted and logged as what it is, and tells no lag', async () => {
    const measured: unknown[] = [];
    const metrics: Metrics = { add: (...all) => { measured.push(all); }, flush: () => {} };
    const { logs } = await run([ahead('bad', YEAR)], [rule], { metrics });
    expect(measured).toEqual([['oplock.future', 'Count', 1, { pipeline: 'r' }]]);
    expect(logs).toEqual([{ level: 'warn', message: 'oplock-stream: a record was set aside as future', about: expect.objectContaining({ eventId: 'bad', code: 'FUTURE_EVENT', aheadMs: YEAR }) }]);
  });

  it.each<[string, Partial<InvocationSettings>]>([
    ['without a publisher', { publishFault: undefined as never }],
    ['when the publisher fails', { publishFault: () => Promise.reject(new Error('no')) }],
  ])('is reported to Lambda %s', async (_name, settings) => {
    const { outcomes, failures } = await run([ahead('good', 0, 'a'), ahead('bad', YEAR)], [rule], settings);
    expect(outcomes).toEqual([{ kind: 'applied' }, { kind: 'retry', reason: 'unpublished', error: expect.anything() }]);
    expect(failures).toEqual([identifierOf(1)]);
  });

  it('is not published when it comes again anyway', async () => {
    mock.on(UpdateCommand).rejects(Object.assign(new Error('slow'), { name: 'ThrottlingException' }));
    const { outcomes, failures, faults } = await run([ahead('before', YEAR, 'a'), ahead('slow', 0, 'b'), ahead('behind', YEAR, 'c')], [rule]);
    expect(outcomes).toEqual([isFuture(YEAR), { kind: 'retry', reason: 'transient', error: expect.anything() }, { kind: 'retry', reason: 'redelivered' }]);
    expect(faults.map(({ uow }) => (uow.event as { id: string }).id)).toEqual(['before']);
    expect(failures).toEqual([identifierOf(1)]);
  });

  it('is set aside once for each pipeline, each with a fault of its own', async () => {
    const { outcomes, faults, settled } = await run([ahead('bad', YEAR)], [rule, { ...rule, id: 's' }]);
    expect(outcomes).toEqual([isFuture(YEAR)]);
    expect(settled[0]?.parts).toEqual([{ pipeline: 'r', outcome: isFuture(YEAR) }, { pipeline: 's', outcome: isFuture(YEAR) }]);
    expect(faults.map(({ tags }) => tags.pipeline)).toEqual(['r', 's']);
    expect(new Set(faults.map(({ id }) => id)).size).toBe(2);
  });

  it('is written by the pipelines that take it, and set aside by those that do not', async () => {
    const other = { id: 's', flavor: materialize, oplock: { maxFutureSkew: Infinity }, toWrite };
    const { outcomes, faults } = await run([ahead('bad', YEAR)], [rule, other]);
    expect(outcomes).toEqual([isFuture(YEAR)]);
    expect(faults.map(({ tags }) => tags.pipeline)).toEqual(['r']);
    expect(written()).toBe(1);
  });

  it('is a fault where a pipeline cannot handle it at all', async () => {
    const poison = { id: 'p', flavor: materialize, toWrite: () => { throw new TypeError('poison'); } };
    const invalid = { id: 'i', flavor: materialize, toWrite: () => ({ key: { pk: '' } }) };
    const { outcomes, settled, faults } = await run([ahead('bad', YEAR)], [rule, poison, invalid]);
    expect(outcomes).toEqual([{ kind: 'fault', error: expect.any(TypeError) }]);
    expect(settled[0]?.parts.map(({ outcome }) => outcome.kind).sort()).toEqual(['fault', 'fault', 'future']);
    expect(faults).toHaveLength(3);
  });

  it('is of no interest to whom no pipeline wants it', async () => {
    const { outcomes, faults } = await run([ahead('bad', YEAR)], [{ ...rule, eventType: 'other' }, { ...rule, id: 's', filters: () => false }, { ...rule, id: 't', toWrite: () => undefined }]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['filtered']);
    expect(faults).toEqual([]);
  });

  it.each<[string, Rule & Record<string, unknown>]>([
    ['a delete', { ...rule, toWrite: ({ event: { key } }: { event: Event }) => ({ key: { pk: key as string }, tombstone: true }) }],
    ['a write with groups', { ...rule, groups: { profile: ['a'], address: ['b'] } }],
    ['a delete with groups', { ...rule, groups: { profile: ['a'] }, toWrite: ({ event: { key } }: { event: Event }) => ({ key: { pk: key as string }, tombstone: true }) }],
    ['each part of a split event', { ...rule, splitOn: () => [1, 2], toWrite: ({ split }: { split?: unknown }) => ({ key: { pk: `p${String(split)}` } }) }],
  ] as never)('may be %s', async (_name, given: Rule & Record<string, unknown>) => {
    const { outcomes, faults } = await run([ahead('bad', YEAR)], [given]);
    expect(outcomes).toEqual([isFuture(YEAR)]);
    expect(faults).toHaveLength(1);
    expect(written()).toBe(0);
    await run([ahead('good', 0)], [given]);
    expect(written()).toBeGreaterThan(0);
  });

  it('is not looked for where the broker\'s order is the oplock', async () => {
    const record = uowOf({ id: 'bad', timestamp: Date.now() + YEAR });
    const sink = update({ client, tableName: 't', oplock: { by: 'sequence' } });
    const [uow] = await _([{ ...record, write: { key: { pk: 'a' } } }]).through(sink).collect().toPromise(Promise);
    expect(uow?.outcome).toEqual({ kind: 'applied' });
  });

  it('goes down a stream that no source made, as an error', async () => {
    const uow = { ...uowOf({ id: 'bad', timestamp: Date.now() + YEAR }), write: { key: { pk: 'a' } } };
    await expect(_([uow]).through(update({ client, tableName: 't' })).toPromise(Promise)).rejects.toMatchObject({ code: 'FUTURE_EVENT', uow: { event: { id: 'bad' } } });
  });

  it('goes past the sinks behind, which would only make it partly done', async () => {
    const sent: unknown[] = [];
    const publisher: EventPublisher = Object.assign(async (events: readonly Event[]) => events.map((one) => void sent.push(one)), { maxEvents: 10, maxBytes: 1_000, bytesOf: () => 1 });
    const kinds: unknown[] = [];
    const faults: unknown[] = [];
    const head = fromTest([ahead('bad', YEAR)], { now: () => NOW, logger: silent, publishFault: async (fault) => faults.push(fault), onSettled: ({ outcome }) => kinds.push(outcome.kind) });
    await head
      .map((uow) => ({ ...uow, write: { key: { pk: 'a' } } })).through(update({ client, tableName: 't' }))
      .map((uow) => ({ ...uow, write: { key: { pk: 'b' } } })).through(update({ client, tableName: 't', oplock: { maxFutureSkew: Infinity } }))
      .map((uow) => ({ ...uow, publish: uow.event })).through(publish({ publisher }))
      .through(toPromise);
    expect({ kinds, written: written(), sent, faults: faults.length }).toEqual({ kinds: ['future'], written: 0, sent: [], faults: 1 });
  });
});

describe('what happens to it behind the sink', () => {
  const behind = async (steps: (s: Highland.Stream<object>) => Highland.Stream<object>) => {
    const [kinds, faults]: [string[], string[]] = [[], []];
    const head = fromTest([ahead('bad', YEAR)], {
      now: () => NOW, logger: silent, onSettled: ({ outcome }) => kinds.push(outcome.kind), publishFault: async ({ err }) => faults.push(err.name),
    });
    await steps(head.map((uow) => ({ ...uow, write: { key: { pk: 'a' } } })).through(update({ client, tableName: 't' })) as unknown as Highland.Stream<object>).through(toPromise);
    return { kinds, faults };
  };

  it('may be a fault, which is told then', async () => {
    expect(await behind((s) => s.tap(() => { throw new TypeError('side effect'); }))).toEqual({ kinds: ['fault'], faults: ['TypeError'] });
  });

  it('does not count when it is an error that comes down the stream by itself', async () => {
    const fail = (s: Highland.Stream<object>) => s.consume<object>((error, uow, push, next) => {
      if (_.isNil(uow)) return push(null, _.nil);
      push(error ?? Object.assign(new TypeError('later'), { uow }));
      return next();
    });
    expect(await behind((s) => s.through(fail))).toEqual({ kinds: ['future'], faults: ['FutureEventError'] });
  });
});

describe('a raw request from the future', () => {
  const literature = ({ event: { timestamp } }: { event: Event }) => ({
    Key: { pk: 'a' },
    ExpressionAttributeNames: { '#name': 'name', '#oplock': 'oplock' },
    ExpressionAttributeValues: { ':name': 'n', ':timestamp': timestamp },
    UpdateExpression: 'SET #name = :name, #oplock = :timestamp',
    ConditionExpression: 'attribute_not_exists(#oplock) OR :timestamp > #oplock',
  });
  const helpers = ({ event: { timestamp } }: { event: Event }) => ({ Key: { pk: 'a' }, ...updateExpression({ name: 'n', timestamp }), ...timestampCondition() });

  it.each([['that of the literature', literature], ['one of the helpers', helpers]])('is set aside: %s', async (_name, toUpdateRequest) => {
    const { outcomes, faults } = await run([ahead('bad', 300_001), ahead('good', 300_000)], [{ id: 'r', flavor: materialize, toUpdateRequest }]);
    expect(outcomes).toEqual([isFuture(300_001), { kind: 'applied' }]);
    expect([faults.length, written()]).toEqual([1, 1]);
  });

  it('follows the options', async () => {
    const rules = [{ id: 'r', flavor: materialize, toUpdateRequest: literature }];
    expect((await run([ahead('bad', YEAR)], rules, { oplock: { maxFutureSkew: Infinity } })).outcomes).toEqual([{ kind: 'applied' }]);
    expect((await run([ahead('bad', 1)], rules, { oplock: { maxFutureSkew: 0 } })).outcomes).toEqual([isFuture(1)]);
  });

  it('goes out when its condition compares no time, and is a fault when it is none', async () => {
    const create = ({ event: { timestamp } }: { event: Event }) => ({ Key: { pk: 'a' }, ...updateExpression({ timestamp }), ...pkCondition() });
    expect((await run([ahead('e', YEAR)], [{ id: 'r', flavor: materialize, toUpdateRequest: create }])).outcomes).toEqual([{ kind: 'applied' }]);
    const keyless = (uow: { event: Event }) => ({ ...literature(uow), Key: undefined });
    expect((await run([ahead('e', YEAR)], [{ id: 'r', flavor: materialize, toUpdateRequest: keyless }])).outcomes).toEqual([{ kind: 'fault', error: expect.objectContaining({ code: 'INVALID_REQUEST' }) }]);
  });
});

it('a limit that is none is refused at construction, wherever it is given', () => {
  const oplock = { maxFutureSkew: -1 };
  const refused = expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('maxFutureSkew') });
  const make = [
    () => update({ oplock }),
    () => materialize({ ...rule, oplock }),
    () => createHandler({ source: fromKinesis, client, pipelines: initializeFrom([rule]), oplock }),
    () => createHandler({ source: fromKinesis, client, pipelines: initializeFrom([{ ...rule, oplock }]) }),
  ];
  for (const one of make) {
    let error: unknown;
    try { one(); } catch (thrown) { error = thrown; }
    expect(error).toEqual(refused);
  }
});
