import { DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import _ from 'highland';
import { initialize, initializeFrom, materialize, onlyApplied, toPromise, update, type Event, type Rule, type UpdateOptions } from '../../../src';
import type { Settled } from '../../../src/settled';
import type { Uow } from '../../../src/uow';
import { event, fromTest, identifierOf, silent, type TestRecord } from '../../support/uows';

const mock = mockClient(DynamoDBDocumentClient);
const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'local', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } }));
beforeEach(() => mock.reset());

const failed = (item?: Record<string, unknown>): Error =>
  Object.assign(new Error('The conditional request failed'), { name: 'ConditionalCheckFailedException', ...(item && { Item: item }) });
const throttled = (): Error => Object.assign(new Error('slow'), { name: 'ThrottlingException' });

const at = (id: string, timestamp: number, key = 'k'): TestRecord => ({ event: event(id, { timestamp, key, partitionKey: key }) });
const write = ({ event: { key } }: { event: Event }) => ({ key: { pk: key as string }, set: { a: 1 } });

const run = async (records: readonly TestRecord[], rules: readonly (Rule & Record<string, unknown>)[], options: UpdateOptions = {}) => {
  const settled: Settled[] = [];
  const head = fromTest(records, { logger: silent, publishFault: async () => {}, onSettled: (one) => settled.push(one) });
  const response = await initialize(initializeFrom(rules), { client, tableName: 't', retry: { maxAttempts: 2, baseMs: 1 }, ...options }).assemble(head).through(toPromise);
  return { settled, outcomes: settled.map(({ outcome }) => outcome), response };
};
const rule = { id: 'r', flavor: materialize, toWrite: write };

describe('update', () => {
  it('sends a structured write with its condition, and asks for the old item', async () => {
    mock.on(UpdateCommand).resolves({});
    const { outcomes } = await run([at('e', 1_700_000_000_000)], [rule]);
    expect(outcomes).toEqual([{ kind: 'applied' }]);
    expect(mock.commandCalls(UpdateCommand)[0]?.args[0].input).toMatchObject({
      TableName: 't', Key: { pk: 'k' }, ConditionExpression: expect.stringContaining('attribute_not_exists'), ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
  });

  it('puts tombstones', async () => {
    mock.on(PutCommand).resolves({});
    await run([at('e', 1_700_000_000_000)], [{ id: 'r', flavor: materialize, toWrite: ({ event: e }: { event: Event }) => ({ ...write({ event: e }), tombstone: true }) }]);
    expect(mock.commandCalls(PutCommand)[0]?.args[0].input.Item).toMatchObject({ pk: 'k', deleted: true, oplockTie: 'e', timestamp: 1_700_000_000_000 });
  });

  it.each([
    ['stale', { timestamp: { N: '1700000000005' }, oplockTie: { S: 'z' } }, { kind: 'stale', behindMs: 5 }],
    ['a duplicate', { timestamp: { N: '1700000000000' }, oplockTie: { S: 'e' } }, { kind: 'duplicate' }],
    ['tombstoned', { timestamp: { N: '1700000000001' }, oplockTie: { S: 'z' }, deleted: { BOOL: true } }, { kind: 'tombstoned', behindMs: 1 }],
  ])('tells %s from the item that the table returns, without a read', async (_name, item, outcome) => {
    mock.on(UpdateCommand).rejects(failed(item));
    expect((await run([at('e', 1_700_000_000_000)], [rule])).outcomes).toEqual([outcome]);
    expect(mock.commandCalls(GetCommand)).toHaveLength(0);
  });

  it('reads where the engine returns no old item, and says that the outcome is inferred', async () => {
    mock.on(UpdateCommand).rejects(failed());
    mock.on(GetCommand).resolves({ Item: { timestamp: 1_700_000_000_009, oplockTie: 'z' } });
    expect((await run([at('e', 1_700_000_000_000)], [rule])).outcomes).toEqual([{ kind: 'stale', behindMs: 9, inferred: true }]);
    expect(mock.commandCalls(GetCommand)[0]?.args[0].input).toMatchObject({ ConsistentRead: true, TableName: 't', Key: { pk: 'k' } });
  });

  it('asks again when the item changed between the failed condition and that read', async () => {
    mock.on(UpdateCommand).rejectsOnce(failed()).resolves({});
    mock.on(GetCommand).resolves({});
    expect((await run([at('e', 1_700_000_000_000)], [rule])).outcomes).toEqual([{ kind: 'applied' }]);
  });

  it('sets an event aside whose stored oplock is of another type: it would swallow every event for ever', async () => {
    mock.on(UpdateCommand).rejects(failed({ timestamp: { S: '2026-01-01' } }));
    const { outcomes } = await run([at('e', 1_700_000_000_000)], [rule]);
    expect(outcomes).toEqual([{ kind: 'fault', error: expect.objectContaining({ code: 'OPLOCK_MISMATCH' }) }]);
  });

  it('retries what is transient, then reports it, holds the rest of its key, and nothing else', async () => {
    mock.on(UpdateCommand).callsFake(({ Key }: { Key: { pk: string } }) => (Key.pk === 'bad' ? Promise.reject(throttled()) : Promise.resolve({})));
    const T = 1_700_000_000_000;
    const { outcomes, response } = await run([at('a', T, 'good'), at('b', T, 'bad'), at('c', T, 'bad'), at('d', T, 'other')], [rule], { fold: false });
    expect(outcomes).toEqual([
      { kind: 'applied' }, { kind: 'retry', reason: 'transient', error: expect.anything() }, { kind: 'retry', reason: 'held' }, { kind: 'applied' },
    ]);
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: identifierOf(1) }] });
    expect(mock.commandCalls(UpdateCommand)).toHaveLength(2 + 2);
  });

  it('does not turn events into faults, nor retry in vain, when access is denied', async () => {
    mock.on(UpdateCommand).rejects(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
    const { outcomes } = await run([at('a', 1_700_000_000_000)], [rule]);
    expect(outcomes).toEqual([{ kind: 'retry', reason: 'configuration', error: expect.anything() }]);
    expect(mock.commandCalls(UpdateCommand)).toHaveLength(1);
  });

  it('holds later events of a key whose mapping is to be retried: what it would have written is not known', async () => {
    mock.on(UpdateCommand).resolves({});
    const lookUp = async ({ event: e }: { event: Event }) => {
      if (e.id === 'a') throw throttled();
      return write({ event: e });
    };
    const { outcomes } = await run([at('a', 1_700_000_000_000), at('b', 1_700_000_000_001), at('c', 1_700_000_000_000, 'z')], [{ id: 'r', flavor: materialize, toWrite: lookUp }]);
    expect(outcomes.map((outcome) => ('reason' in outcome ? outcome.reason : outcome.kind))).toEqual(['transient', 'held', 'applied']);
  });

  it('refuses a second structured write of one event to one item: it could never be applied', async () => {
    mock.on(UpdateCommand).resolves({});
    const { outcomes } = await run([at('a', 1_700_000_000_000)], [rule, { ...rule, id: 'r2' }]);
    expect(outcomes).toEqual([{ kind: 'fault', error: expect.objectContaining({ code: 'SAME_ITEM_TWICE' }) }]);
    expect(mock.commandCalls(UpdateCommand)).toHaveLength(1);
  });

  it('has no more writes under way than it may, of all pipelines together', async () => {
    let [now, most] = [0, 0];
    mock.on(UpdateCommand).callsFake(async () => {
      most = Math.max(most, (now += 1));
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return {};
    });
    const records = Array.from({ length: 30 }, (_unused, i) => at(`e${i}`, 1_700_000_000_000 + i, `k${i}`));
    const each = (id: string) => ({ id, flavor: materialize, toWrite: ({ event: e }: { event: Event }) => ({ key: { pk: `${id}-${e.id}` } }) });
    await run(records, [each('p'), each('q'), each('r')], { concurrency: 4 });
    expect(most).toBe(4);
    expect(mock.commandCalls(UpdateCommand)).toHaveLength(90);
  });

  it.each<[string, (s: ReturnType<typeof fromTest>) => ReturnType<typeof fromTest>]>([
    ['a flatMap to nothing', (s) => s.flatMap((uow) => _(uow.event.id === 'a' ? [] : [uow]))],
    ['compact', (s) => s.map((uow) => (uow.event.id === 'a' ? undefined : uow)).compact()],
    ['batch', (s) => s.batch(3).flatMap((uows) => _(uows.slice(1)))],
  ])('does not wait for an event that %s left out', async (_name, leaveOut) => {
    mock.on(UpdateCommand).resolves({});
    const sink = update({ client, tableName: 't' });
    const settled: Settled[] = [];
    const records = ['a', 'b', 'c'].map((id, i) => at(id, 1_700_000_000_000 + i));
    const settings = { logger: silent, onSettled: (one: Settled) => settled.push(one) };
    const again = (s: ReturnType<typeof fromTest>) => s.map((uow) => ({ ...uow, write: write(uow) })).through(sink);
    await leaveOut(fromTest(records, settings)).through(again).map((uow) => ({ ...uow, write: { ...write(uow), key: { pk: 'other' } } })).through(sink).through(toPromise);
    await initialize({ a: () => (s) => again(leaveOut(s as ReturnType<typeof fromTest>)) }).assemble(fromTest(records, settings)).through(toPromise);
    await initialize({ a: () => (s) => again(s as ReturnType<typeof fromTest>) }).assemble(leaveOut(fromTest(records, settings))).through(toPromise);
    expect(settled.map(({ outcome }) => outcome.kind)).toEqual(Array(3).fill(['filtered', 'superseded', 'applied']).flat());
  });

  it('does not wait for a pipeline that has no sink', async () => {
    mock.on(UpdateCommand).resolves({});
    const records = ['a', 'b', 'c'].map((id, i) => at(id, 1_700_000_000_000 + i));
    const { outcomes } = await run(records, [{ id: 'log', flavor: () => (s: Highland.Stream<Uow>) => s }, rule]);
    expect(outcomes).toEqual([{ kind: 'superseded', by: 'c' }, { kind: 'superseded', by: 'c' }, { kind: 'applied' }]);
  });

  it('writes nothing for a mapping that returns nothing', async () => {
    expect((await run([at('a', 1_700_000_000_000)], [{ id: 'r', flavor: materialize, toWrite: () => undefined }])).outcomes).toEqual([
      { kind: 'filtered', reason: 'nothing was written' },
    ]);
  });

  it('sets nothing aside when the table has no name, and says how to give it one', async () => {
    const { outcomes } = await run([at('a', 1_700_000_000_000)], [rule], { tableName: '' });
    expect(outcomes).toEqual([{ kind: 'retry', reason: 'configuration', error: expect.objectContaining({ code: 'NO_TABLE' }) }]);
  });

  it('refuses a raw request that compares the second-precision time of a stream', async () => {
    const request = { Key: { pk: 'k' }, UpdateExpression: 'SET #t = :t', ExpressionAttributeNames: { '#t': 't' }, ExpressionAttributeValues: { ':t': 5 }, ConditionExpression: '#t < :t' };
    const uow = { record: {}, event: event('a', { timestamp: 5 }), origin: { clock: 'stream-second' }, updateRequest: request };
    await expect(_([uow]).through(update({ client, tableName: 't' })).toPromise(Promise)).rejects.toMatchObject({ code: 'SECOND_PRECISION' });
  });
});

describe('update on a stream that no source made', () => {
  const uow = { updateRequest: { Key: { pk: 'k' }, UpdateExpression: 'SET a = b' } };
  const all = (uows: readonly object[]) => _([...uows]).through(update({ client, tableName: 't', retry: { maxAttempts: 1 } })).collect().toPromise(Promise);

  it('adds outcome and response, and lets pass what has nothing to write', async () => {
    mock.on(UpdateCommand).resolves({ Attributes: { a: 1 } });
    expect(await all([uow, { other: 1 }])).toEqual(expect.arrayContaining([{ ...uow, outcome: { kind: 'applied' }, updateResponse: { Attributes: { a: 1 } } }, { other: 1 }]));
  });

  it('lets a dropped uow flow on, for later steps to see', async () => {
    mock.on(UpdateCommand).rejects(failed({ pk: { S: 'k' } }));
    const results = (await all([{ ...uow, updateRequest: { ...uow.updateRequest, ConditionExpression: 'attribute_not_exists(pk)' } }])) as { outcome: { kind: string } }[];
    expect(results.map(({ outcome }) => outcome.kind)).toEqual(['conflict']);
    expect(results.filter(onlyApplied as never)).toEqual([]);
  });

  it('raises errors on the stream, marked with their uow', async () => {
    mock.on(UpdateCommand).rejects(throttled());
    await expect(all([uow])).rejects.toMatchObject({ name: 'ThrottlingException', uow });
  });
});
