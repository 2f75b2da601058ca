import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, GetCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { initialize, initializeFrom, materialize, toPromise, type Event, type OnDelete } from '../../../src';
import type { Settled } from '../../../src/settled';
import { event, fromTest, silent } from '../../support/uows';

const mock = mockClient(DynamoDBDocumentClient);
const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'local', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } }));
beforeEach(() => mock.reset());

const T = 1_700_000_000_000;

interface Reason {
  readonly Code: string;
  readonly Item?: object;
}

const NONE: Reason = { Code: 'None' };
const failed = (item?: object): Reason => ({ Code: 'ConditionalCheckFailed', ...(item && { Item: item }) });
const refused = (item?: object): Error => Object.assign(new Error('The conditional request failed'), { name: 'ConditionalCheckFailedException', ...(item && { Item: item }) });
const cancelled = (...CancellationReasons: readonly Reason[]): Error => Object.assign(new Error('Transaction cancelled'), { name: 'TransactionCanceledException', CancellationReasons });
const stored = (at: number): object => ({ timestamp: { N: String(at) }, oplockTie: { S: 'z' } });
const sidecar = (at: number): object => ({ ...stored(at), deleted: { BOOL: true } });
const read = (at: number, more: object = {}) => ({ Item: { timestamp: at, oplockTie: 'z', ...more } });

const run = async (types: readonly string[], onDelete: OnDelete = 'sidecar') => {
  const settled: Settled[] = [];
  const faults: unknown[] = [];
  const toWrite = ({ event: { type, id } }: { event: Event }) => ({ key: { pk: 'k' }, ...(type === 'deleted' ? { tombstone: true } : { set: { name: id } }) });
  const head = fromTest(types.map((type, i) => ({ event: event(`e${i}`, { type, timestamp: T + i }) })), {
    logger: silent, publishFault: async (fault) => { faults.push(fault); }, onSettled: (one) => settled.push(one),
  });
  await initialize(initializeFrom([{ id: 'r', flavor: materialize, toWrite }]), { client, tableName: 't', retry: { maxAttempts: 3, baseMs: 1 }, oplock: { onDelete }, fold: true })
    .assemble(head).through(toPromise);
  return { outcomes: settled.map(({ outcome }) => outcome), faults };
};

const requests = () => mock.calls().map(({ args: [command] }) => (command as object).constructor.name);

describe('the sink, with sidecars', () => {
  it('sends one update for an item that is there', async () => {
    mock.on(UpdateCommand).resolves({});
    expect((await run(['updated'])).outcomes).toEqual([{ kind: 'applied' }]);
    expect(requests()).toEqual(['UpdateCommand']);
  });

  it('believes a refusal without an old item that there is none, and reads nothing', async () => {
    mock.on(UpdateCommand).rejects(refused());
    mock.on(TransactWriteCommand).resolves({});
    expect((await run(['updated'])).outcomes).toEqual([{ kind: 'applied' }]);
    expect(requests()).toEqual(['UpdateCommand', 'TransactWriteCommand']);
  });

  it.each([
    ['an update, by the sidecar', 'updated', cancelled(NONE, failed(sidecar(T + 3))), { kind: 'tombstoned', behindMs: 3 }],
    ['an update, by an item that has come', 'updated', cancelled(failed(stored(T + 2)), NONE), { kind: 'stale', behindMs: 2 }],
    ['a delete, by the sidecar', 'deleted', cancelled(NONE, failed(sidecar(T + 3))), { kind: 'tombstoned', behindMs: 3 }],
    ['a delete, by the item', 'deleted', cancelled(failed(stored(T + 4)), NONE), { kind: 'stale', behindMs: 4 }],
  ])('tells why it was refused from the reasons of the transaction, without a read: %s', async (_name, type, error, outcome) => {
    mock.on(UpdateCommand).rejects(refused());
    mock.on(TransactWriteCommand).rejects(error);
    expect((await run([type])).outcomes).toEqual([outcome]);
    expect(mock.commandCalls(GetCommand)).toHaveLength(0);
  });

  it.each([
    ['the sidecar', 'updated', cancelled(NONE, failed()), [{ pk: '#oplock#k' }], { kind: 'tombstoned', behindMs: 9, inferred: true }],
    ['the item', 'deleted', cancelled(failed(), NONE), [{ pk: 'k' }], { kind: 'stale', behindMs: 5, inferred: true }],
    ['both', 'deleted', cancelled(failed(), failed()), [{ pk: 'k' }, { pk: '#oplock#k' }], { kind: 'stale', behindMs: 5, inferred: true }],
  ])('reads what the engine does not tell, and no more: %s', async (_name, type, error, keys, outcome) => {
    mock.on(UpdateCommand).rejects(refused());
    mock.on(TransactWriteCommand).rejects(error);
    mock.on(GetCommand, { Key: { pk: 'k' } }).resolves(read(T + 5));
    mock.on(GetCommand, { Key: { pk: '#oplock#k' } }).resolves(read(T + 9, { deleted: true }));
    expect((await run([type])).outcomes).toEqual([outcome]);
    expect(mock.commandCalls(GetCommand).map(({ args: [{ input }] }) => input)).toEqual(keys.map((Key) => ({ TableName: 't', Key, ConsistentRead: true })));
  });

  it('reads the sidecar where it is', async () => {
    mock.on(TransactWriteCommand).rejects(cancelled(NONE, failed()));
    mock.on(GetCommand).resolves(read(T + 9, { deleted: true }));
    await run(['deleted'], { sidecar: { tableName: 'sidecars', key: () => ({ id: 1 }) } });
    expect(mock.commandCalls(GetCommand)[0]?.args[0].input).toEqual({ TableName: 'sidecars', Key: { id: 1 }, ConsistentRead: true });
  });

  it('asks again when what was in the way is gone with the read', async () => {
    mock.on(TransactWriteCommand).rejectsOnce(cancelled(failed(), NONE)).resolves({});
    mock.on(GetCommand).resolves({});
    expect((await run(['deleted'])).outcomes).toEqual([{ kind: 'applied' }]);
  });

  it.each([
    ['another transaction', cancelled({ Code: 'TransactionConflict' }, NONE)],
    ['another transaction, and a refusal that may not be the last word', cancelled(failed(stored(T + 2)), { Code: 'TransactionConflict' })],
    ['throttling', cancelled(NONE, { Code: 'ThrottlingError' })],
    ['a transaction that is still under way', Object.assign(new Error('in progress'), { name: 'TransactionInProgressException' })],
  ])('tries again after %s', async (_name, error) => {
    mock.on(TransactWriteCommand).rejectsOnce(error).resolves({});
    expect((await run(['deleted'])).outcomes).toEqual([{ kind: 'applied' }]);
    expect(requests()).toEqual(['TransactWriteCommand', 'TransactWriteCommand']);
  });

  it('tries again when a transaction is in the way of a plain update', async () => {
    mock.on(UpdateCommand).rejectsOnce(Object.assign(new Error('conflict'), { name: 'TransactionConflictException' })).resolves({});
    expect((await run(['updated'])).outcomes).toEqual([{ kind: 'applied' }]);
  });

  it('sets an event aside whose transaction cannot be right', async () => {
    mock.on(TransactWriteCommand).rejects(cancelled(NONE, { Code: 'ValidationError' }));
    const { outcomes, faults } = await run(['deleted']);
    expect([outcomes.map(({ kind }) => kind), faults.length]).toEqual([['fault'], 1]);
  });

  it('says that there are no transactions, and turns no event into a fault', async () => {
    mock.on(TransactWriteCommand).rejects(Object.assign(new Error('UnknownError'), { name: 'UnknownOperationException' }));
    const { outcomes, faults } = await run(['deleted', 'updated']);
    expect(outcomes).toMatchObject([{ kind: 'retry', reason: 'configuration', error: { code: 'NO_TRANSACTIONS', message: expect.stringMatching(/no TransactWriteItems.*memoryEngine\(\)/s) } }, { kind: 'retry' }]);
    expect(faults).toEqual([]);
  });

  it('folds what waits for its turn: events up to the newest delete, and those after it', async () => {
    mock.on(UpdateCommand).resolves({});
    mock.on(TransactWriteCommand).resolves({});
    expect((await run(['updated', 'updated', 'deleted', 'updated', 'updated'])).outcomes.map(({ kind }) => kind).sort()).toEqual(['applied', 'applied', 'superseded', 'superseded', 'superseded']);
    expect(requests()).toEqual(['TransactWriteCommand', 'UpdateCommand']);
  });
});

it('a physical delete is one conditional request', async () => {
  mock.on(DeleteCommand).resolvesOnce({}).rejects(refused(stored(T + 8)));
  expect((await run(['deleted'], 'physical')).outcomes).toEqual([{ kind: 'applied' }]);
  expect((await run(['deleted'], 'physical')).outcomes).toEqual([{ kind: 'stale', behindMs: 8 }]);
  expect(mock.commandCalls(DeleteCommand)[0]?.args[0].input).toMatchObject({ TableName: 't', Key: { pk: 'k' }, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' });
});
