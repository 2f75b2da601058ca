import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { createHandler, initialize, initializeFrom, materialize, onlyApplied, toPromise, update, type Event, type Metrics, type OplockOptions, type Rule } from '../../../src';
import type { Settled } from '../../../src/settled';
import { thrownBy } from '../oplock/uow';
import { event, fromTest, silent } from '../../support/uows';

const mock = mockClient(DynamoDBDocumentClient);
const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'local', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } }));
beforeEach(() => mock.reset());

const T = 1_700_000_000_000;
const failed = (item?: Record<string, unknown>): Error =>
  Object.assign(new Error('The conditional request failed'), { name: 'ConditionalCheckFailedException', ...(item && { Item: item }) });

const groups = { profile: ['name'], address: ['street'] };
const toWrite = ({ event: { type, id } }: { event: Event }) => ({ key: { pk: 'k' }, ...(type === 'deleted' ? { tombstone: true } : { set: { name: id, street: id } }) });
const rule = { id: 'r', flavor: materialize, toWrite };

const run = async (types: readonly string[], rules: readonly (Rule & Record<string, unknown>)[], oplock?: OplockOptions) => {
  const settled: Settled[] = [];
  const passed: unknown[] = [];
  const head = fromTest(types.map((type, i) => ({ event: event(`e${i}`, { type, timestamp: T }) })), { logger: silent, publishFault: async () => {}, onSettled: (one) => settled.push(one) });
  await initialize(initializeFrom(rules), { client, tableName: 't', retry: { maxAttempts: 2, baseMs: 1 }, ...(oplock && { oplock }) }).assemble(head)
    .tap((uow) => passed.push(onlyApplied(uow as Parameters<typeof onlyApplied>[0])))
    .through(toPromise);
  return { outcomes: settled.map(({ outcome }) => outcome), passed };
};

describe('the sink, with groups', () => {
  const newerProfile = { timestamp_profile: { N: String(T + 7) }, oplockTie_profile: { S: 'z' } };

  it.each<[string, Record<string, unknown>, OplockOptions | undefined]>([
    ['a rule\'s groups', { ...rule, groups }, undefined],
    ['a rule\'s oplock options', { ...rule, oplock: { groups } }, undefined],
    ['the handler\'s oplock options', rule, { groups }],
    ['a rule\'s groups before the options\'', { ...rule, groups, oplock: { groups: { other: ['other'] } } }, undefined],
  ])('sends what is left after a refusal: %s', async (_name, given, oplock) => {
    mock.on(UpdateCommand).rejectsOnce(failed(newerProfile)).resolves({});
    const { outcomes, passed } = await run(['updated'], [given as unknown as Rule & Record<string, unknown>], oplock);
    expect(outcomes).toEqual([{ kind: 'narrowed', dropped: { profile: { kind: 'stale', behindMs: 7 } } }]);
    expect(passed).toEqual([false]); // a side effect that tells of the whole event would tell too much
    expect(mock.commandCalls(UpdateCommand).map(({ args: [{ input }] }) => Object.values(input.ExpressionAttributeNames ?? {}).includes('name'))).toEqual([true, false]);
    expect(mock.commandCalls(GetCommand)).toHaveLength(0);
  });

  it('keeps the other oplock options beside a rule\'s groups', async () => {
    mock.on(UpdateCommand).resolves({});
    await run(['updated'], [{ ...rule, groups, oplock: { attribute: 'version', tie: () => 'tie' } }]);
    const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = mock.commandCalls(UpdateCommand)[0]?.args[0].input ?? {};
    expect(Object.values(names ?? {})).toEqual(expect.arrayContaining(['version_profile', 'version_deleted', 'oplockTie_address']));
    expect(Object.values(values ?? {})).toEqual(expect.arrayContaining([T, 'tie']));
  });

  it('reads where the engine returns no old item, and says so', async () => {
    mock.on(UpdateCommand).rejectsOnce(failed()).resolves({});
    mock.on(GetCommand).resolves({ Item: { timestamp_address: T + 1, oplockTie_address: 'z' } });
    expect((await run(['updated'], [{ ...rule, groups }])).outcomes).toEqual([{ kind: 'narrowed', dropped: { address: { kind: 'stale', behindMs: 1 } }, inferred: true }]);
  });

  it('asks again when the item changed between the refusal and that read', async () => {
    mock.on(UpdateCommand).rejectsOnce(failed()).resolves({});
    mock.on(GetCommand).resolves({});
    expect((await run(['updated'], [{ ...rule, groups }])).outcomes).toEqual([{ kind: 'applied' }]);
  });

  it('begins anew with all groups after a transient error, and knows what it has written by then', async () => {
    let item: Record<string, unknown> = newerProfile;
    let requests = 0;
    mock.on(UpdateCommand).callsFake(() => {
      requests += 1;
      if (requests !== 2) throw failed(item);
      item = { ...newerProfile, timestamp_address: { N: String(T) }, oplockTie_address: { S: 'e0' } };
      throw Object.assign(new Error('lost'), { name: 'TimeoutError' });
    });
    expect((await run(['updated'], [{ ...rule, groups }])).outcomes).toEqual([{ kind: 'duplicate' }]);
    expect(requests).toBe(3);
  });

  it('sets an event aside whose group is stored as another type', async () => {
    mock.on(UpdateCommand).rejects(failed({ timestamp_profile: { S: 'yesterday' } }));
    expect((await run(['updated'], [{ ...rule, groups }])).outcomes).toEqual([{ kind: 'fault', error: expect.objectContaining({ code: 'OPLOCK_MISMATCH' }) }]);
  });

  it('gives a delete up, for the next delivery, when others never stop writing', async () => {
    let size = 0;
    const busy = () => {
      size += 1;
      throw failed({ ...newerProfile, timestamp: { N: String(size) }, oplockTie: { S: 'a' } });
    };
    mock.on(PutCommand).callsFake(busy);
    mock.on(UpdateCommand).callsFake(busy);
    expect((await run(['deleted'], [{ ...rule, groups }])).outcomes).toEqual([{ kind: 'retry', reason: 'transient', error: expect.anything() }]);
    expect(size).toBe(100); // 50 rounds in each of two attempts
  });

  it('counts what was narrowed, its lag, and how late the latest group was', async () => {
    mock.on(UpdateCommand).rejectsOnce(failed({ ...newerProfile, timestamp: { N: String(T + 9) } })).resolves({});
    const added: unknown[] = [];
    const metrics: Metrics = { add: (...call) => added.push(call), flush: () => {} };
    const handler = createHandler({
      source: fromTest, client, tableName: 't', logger: silent, metrics, now: () => T + 100,
      pipelines: initializeFrom([{ ...rule, groups, toWrite: () => ({ key: { pk: 'k' }, set: { name: 'n', street: 's', size: 1 } }) }]),
    });
    await handler([{ event: event('e', { timestamp: T }) }]);
    expect(added).toEqual([
      ['oplock.narrowed', 'Count', 1, { pipeline: 'r' }],
      ['oplock.lateness', 'Milliseconds', 9, { pipeline: 'r' }],
      ['oplock.lag', 'Milliseconds', 100, { pipeline: 'r' }],
    ]);
  });
});

describe('construction', () => {
  it('refuses groups that cannot be', () => {
    expect(thrownBy(() => update({ oplock: { groups: { a: [] } } }))).toMatchObject({ code: 'INVALID_OPTION' });
    expect(thrownBy(() => materialize({ id: 'r', toWrite, groups: { a: ['x'], b: ['x'] } }))).toMatchObject({ code: 'INVALID_OPTION' });
  });

  it('refuses groups beside a raw request, which is sent as it is', () => {
    const raw = { id: 'r', toUpdateRequest: () => ({ Key: { pk: 'k' } }), groups };
    expect(thrownBy(() => materialize(raw as never))).toMatchObject({ code: 'INVALID_RULE', message: expect.stringContaining('rule "r" has groups') });
  });
});
