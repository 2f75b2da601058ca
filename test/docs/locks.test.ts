import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBDocumentClient, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { LOCKS_OPTIONS } from '../../src/cli/locks/args';
import { LOCKS_HELP } from '../../src/cli/locks/help';
import { LockLostError, lockMetrics } from '../../src/locks';
import { describeLocal, tableName } from '../support/engines';
import { inlineCode, ROOT, tableBelow } from './markdown';

const original = DynamoDBDocumentClient.prototype.send as (command: never) => Promise<unknown>;

const source = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The members of an interface, as they are written. */
const membersOf = (name: string): string[] => {
  const [, body = ''] = new RegExp(`export interface ${name}[^{]*\\{\\n([\\s\\S]*?)\\n\\}`).exec(source('src/locks/lease/types.ts')) ?? [];
  return [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, member]) => member as string);
};

const firstColumn = (table: string): string[] => tableBelow('docs/locks.md', table).flatMap(([cell = '']) => inlineCode(cell));

describe('docs/locks.md', () => {
  it('explains every reason for a loss', () => {
    const [, union = ''] = /export type LostReason = ([^;]+);/.exec(source('src/locks/errors.ts')) ?? [];
    expect(firstColumn('lost')).toEqual(union.split(' | ').map((reason) => reason.slice(1, -1)));
  });

  it('lists every error', () => {
    const codes = [...source('src/locks/errors.ts').matchAll(/super\(\s*'(\w+)'/g)].map(([, code]) => code);
    expect(firstColumn('lock-errors').sort()).toEqual(codes.sort());
  });

  it('lists every metric', () => {
    const names = new Set<string>();
    const listener = lockMetrics({ add: (name) => { names.add(name); } });
    const [, union = ''] = /export type LostReason = ([^;]+);/.exec(source('src/locks/errors.ts')) ?? [];
    const lost = union.split(' | ').map((reason) => ({ kind: 'lost', reason: reason.slice(1, -1) }));
    const kinds = [...source('src/locks/lease/events.ts').matchAll(/readonly kind: '([\w-]+)'/g)].map(([, kind]) => ({ kind, tookOver: true }));
    for (const event of [...kinds.filter(({ kind }) => kind !== 'lost'), ...lost]) listener(event as never);
    expect(firstColumn('lock-metrics').sort()).toEqual([...names].sort());
  });

  it('lists every option', () => {
    expect(firstColumn('lock-options').sort()).toEqual(membersOf('LockClientOptions').sort());
    expect(firstColumn('acquire-options').sort()).toEqual([...membersOf('TryAcquireOptions'), ...membersOf('AcquireOptions')].sort());
  });

  it('lists every option of the command, and every state that it shows', () => {
    const known = Object.values(LOCKS_OPTIONS).flatMap((options) => Object.keys(options).map((option) => `--${option}`));
    expect(firstColumn('lock-command-options').map((option) => option.split(' ')[0]).sort()).toEqual([...new Set(known)].sort());
    const [, union = ''] = /export type LockState = ([^;]+);/.exec(source('src/cli/locks/lock-entry.ts')) ?? [];
    const states = union.split(' | ').map((state) => state.slice(1, -1));
    expect(firstColumn('lock-states').sort()).toEqual([...states].sort());
    for (const state of states) expect(LOCKS_HELP).toMatch(new RegExp(`^ {2}${state} `, 'm'));
  });
});

describeLocal('the seats of docs/locks.md', (engine) => {
  const environment = { ...process.env };
  const [holds, tickets] = [tableName('holds'), tableName('tickets')];
  let desk: typeof import('./examples/locks-seats');
  const charged: string[] = [];
  const refunded: string[] = [];
  const payments = { charge: async (key: string) => { charged.push(key); return `payment ${key}`; }, refund: async (payment: string) => { refunded.push(payment); } };

  beforeAll(async () => {
    await engine().createTable({ name: holds, partitionKey: 'key', sortKey: null });
    await engine().createTable({ name: tickets, partitionKey: 'pk', sortKey: null });
    Object.assign(process.env, {
      HOLDS_TABLE_NAME: holds, TICKETS_TABLE_NAME: tickets, AWS_ENDPOINT_URL_DYNAMODB: engine().endpoint, AWS_REGION: engine().connection.region,
      AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local',
    });
    desk = await import('./examples/locks-seats');
  });
  afterAll(() => { process.env = { ...environment }; });
  afterEach(() => { for (const list of [charged, refunded]) list.splice(0); });

  const holdOf = async (seat: string): Promise<string> => {
    const held = await desk.holdSeat(seat);
    if (!('hold' in held)) throw new Error(`${seat} is held`);
    return held.hold;
  };
  const sold = async () => (await engine().scan(tickets)).length;

  it('a seat is held, kept, and bought once', async () => {
    const hold = await holdOf('opera.A1');
    expect(await desk.holdSeat('opera.A1')).toEqual({ retryAfterMs: expect.any(Number) });
    await desk.keepSeat(hold);
    const before = await sold();
    await desk.buySeat(hold, 'kim', payments);
    expect(await sold()).toBe(before + 1);
    expect(charged).toHaveLength(1);
    // The next hold finds the ticket when it buys, and gets the money back.
    await expect(desk.buySeat(await holdOf('opera.A1'), 'lee', payments)).rejects.toMatchObject({ name: 'TransactionCanceledException' });
    expect(refunded).toEqual([`payment ${charged[1]}`]);
    expect(await sold()).toBe(before + 1);
  });

  it('a payment that took too long is refunded, and the seat stays with who has it now', async () => {
    const hold = await holdOf('opera.A2');
    const before = await sold();
    // While the customer pays, the hold passes to somebody else.
    const slow = { ...payments, charge: async (key: string) => {
      await engine().client.send(new UpdateCommand({
        TableName: holds, Key: { key: 'opera.A2' }, UpdateExpression: 'SET ownerName = :o, acquisitionId = :a, recordVersionNumber = :r', ExpressionAttributeValues: { ':o': 'lee', ':a': 'a', ':r': 'r' },
      }));
      return payments.charge(key);
    } };
    await expect(desk.buySeat(hold, 'kim', slow)).rejects.toBeInstanceOf(LockLostError);
    expect(refunded).toEqual([`payment ${charged[0]}`]);
    expect(await sold()).toBe(before);
  });

  it('a ticket whose answer was lost is not refunded, and is there when the customer asks again', async () => {
    const hold = await holdOf('opera.A3');
    const before = await sold();
    const send = jest.spyOn(DynamoDBDocumentClient.prototype, 'send').mockImplementation(async function lose(this: DynamoDBDocumentClient, command: never) {
      const answer: unknown = await original.call(this, command);
      if ((command as object) instanceof TransactWriteCommand) throw Object.assign(new Error('no answer'), { name: 'TimeoutError' });
      return answer;
    } as never);
    try {
      await expect(desk.buySeat(hold, 'kim', payments)).rejects.toMatchObject({ code: 'LOCK_BACKEND' });
    } finally {
      send.mockRestore();
    }
    expect(refunded).toEqual([]);
    expect(await sold()).toBe(before + 1);
    await desk.buySeat(hold, 'kim', payments);
    expect([await sold(), new Set(charged).size, refunded]).toEqual([before + 1, 1, []]);
  });
});
