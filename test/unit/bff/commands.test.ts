import { getEventListeners } from 'node:events';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { ABSENT, createCommands, orThrow, PRESENT, type CommandsOptions, type Participant } from '../../../src/bff';

const T = 1_780_000_000_000;
const key = { pk: 'a', sk: 'b' };
const mock = mockClient(DynamoDBDocumentClient);
const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'local', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } }));
beforeEach(() => mock.reset());

const seats = (options: CommandsOptions = {}) => createCommands({ client, tableName: 't', now: () => T, ...options });
const error = (name: string, more: object = {}, message = name): Error => Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400, attempts: 1 }, ...more });
const refused = (item?: Record<string, unknown>, attempts = 1): Error =>
  error('ConditionalCheckFailedException', { ...(item && { Item: marshall(item) }), $metadata: { httpStatusCode: 400, attempts } });
const timeout = (): Error => Object.assign(new Error('slow'), { name: 'TimeoutError' });
const item = (more: object = {}) => ({ ...key, state: 'free', timestamp: T - 9, recentCommands: ['before', T - 9], ...more });
const updates = () => mock.commandCalls(UpdateCommand).length;

describe('a response that was lost', () => {
  it('of a write that the item remembers: done', async () => {
    mock.on(UpdateCommand).rejectsOnce(timeout()).rejects(refused(item({ timestamp: T + 3, recentCommands: ['other', T + 3, 'mine', T] })));
    expect(await seats().update(key, { a: 1 }, { expected: T - 9, commandId: 'mine' })).toMatchObject({ kind: 'alreadyApplied', version: T + 3, madeVersion: T, attempts: 1 });
    expect(updates()).toBe(2);
  });

  it.each([
    ['the list reaches back to before it', ['other', T + 3, 'before', T - 9], undefined],
    ['the list is too short to know', ['other', T + 3], true],
    ['something else has written the item anew', undefined, true],
  ])('and a conflict: %s', async (_what, recentCommands, uncertain) => {
    mock.on(UpdateCommand).rejectsOnce(timeout()).rejects(refused(item({ timestamp: T + 3, ...(recentCommands ? { recentCommands } : { recentCommands: 5 }) })));
    const result = await seats().update(key, { a: 1 }, { expected: T - 9 });
    expect(result).toMatchObject({ kind: 'conflict', version: T + 3 });
    expect('uncertain' in result ? result.uncertain : undefined).toBe(uncertain);
    expect(() => orThrow(result)).toThrow(expect.objectContaining({ uncertain: uncertain ?? false }));
  });

  it('by the SDK\'s own retry counts, too; a write that was throttled was not executed', async () => {
    const there = item({ timestamp: T + 3, recentCommands: ['other', T + 3] });
    mock.on(UpdateCommand).rejectsOnce(error('ThrottlingException')).rejects(refused(there));
    expect(await seats().update(key, { a: 1 }, { expected: T - 9 })).not.toHaveProperty('uncertain');
    mock.on(UpdateCommand).rejects(refused(there, 2));
    expect(await seats().update(key, { a: 1 }, { expected: T - 9 })).toMatchObject({ kind: 'conflict', uncertain: true });
    mock.on(UpdateCommand).rejects(refused(undefined, 2));
    mock.on(GetCommand).resolves({});
    expect(await seats().update(key, { a: 1 }, { expected: T - 9 })).toMatchObject({ kind: 'missing', uncertain: true });
    mock.on(PutCommand).rejects(refused(there, 2));
    expect(await seats().create(key, {})).toMatchObject({ kind: 'alreadyExists', uncertain: true });
  });

  it('of a read says nothing about the write', async () => {
    mock.on(GetCommand).rejectsOnce(timeout()).resolves({ Item: item() });
    mock.on(UpdateCommand).rejects(refused(item({ timestamp: T + 3, recentCommands: ['other', T + 3] })));
    const result = await seats().updateWith(key, () => ({ a: 1 }), { attempts: 1 });
    expect(result).toMatchObject({ kind: 'conflict', version: T + 3 });
    expect(result).not.toHaveProperty('uncertain');
  });

  it('makes updateWith stop where it could change something twice, and go on where it could not', async () => {
    const over = (recentCommands: unknown) => refused(item({ timestamp: T + 3, recentCommands }));
    mock.on(GetCommand).resolves({ Item: item() });
    mock.on(UpdateCommand).rejectsOnce(timeout()).rejectsOnce(over(['other', T + 3])).resolves({ Attributes: item() });
    expect(await seats().updateWith(key, () => ({ a: 1 }))).toMatchObject({ kind: 'conflict', uncertain: true });
    expect(updates()).toBe(2);
    mock.reset();
    mock.on(GetCommand).resolves({ Item: item() });
    mock.on(UpdateCommand).rejectsOnce(timeout()).rejectsOnce(over(['other', T + 3, 'before', T - 9])).resolves({ Attributes: item() });
    expect(await seats().updateWith(key, () => ({ a: 1 }))).toMatchObject({ kind: 'applied', version: T + 4 });
  });

  it('casts no doubt on the next try, once it is known to be in vain', async () => {
    const over = (timestamp: number, recentCommands: unknown) => refused(item({ timestamp, recentCommands }));
    mock.on(GetCommand).resolves({ Item: item() });
    mock.on(UpdateCommand).rejectsOnce(timeout()).rejectsOnce(over(T + 3, ['other', T + 3, 'before', T - 9])).rejects(over(T + 9, ['third', T + 9]));
    const result = await seats().updateWith(key, () => ({ a: 1 }), { attempts: 2 });
    expect(result).toMatchObject({ kind: 'conflict', version: T + 9, attempts: 2 });
    expect(result).not.toHaveProperty('uncertain');
  });

  it('to the end: nobody knows, and the id under which it may come again is told', async () => {
    mock.on(UpdateCommand).rejects(timeout());
    await expect(seats().update(key, { a: 1 }, { expected: 5, commandId: 'mine' })).rejects.toMatchObject({ code: 'COMMAND_UNANSWERED', statusCode: 503, details: { commandId: 'mine' }, cause: { name: 'TimeoutError' } });
    expect(updates()).toBe(4);
    await expect(seats().update(key, { a: 1 }, { expected: 5 })).rejects.toMatchObject({ details: { commandId: expect.stringMatching(/^[\w-]{16}$/) } });
  });
});

describe('what the table says', () => {
  it.each(['AccessDeniedException', 'ResourceNotFoundException', 'ItemCollectionSizeLimitExceededException', 'ValidationException'])('%s is thrown as it is, at once', async (name) => {
    mock.on(UpdateCommand).rejects(error(name));
    await expect(seats().update(key, { a: 1 }, { expected: 5 })).rejects.toMatchObject({ name });
    expect(updates()).toBe(1);
  });

  it('throttling to the end is thrown as it is: nothing was written', async () => {
    mock.on(UpdateCommand).rejects(error('ThrottlingException'));
    await expect(seats().update(key, { a: 1 }, { expected: 5 })).rejects.toMatchObject({ name: 'ThrottlingException' });
  });

  it('a refusal that nothing explains is not repeated for ever', async () => {
    mock.on(UpdateCommand).rejects(refused(item()));
    await expect(seats().update(key, { a: 1 }, { expected: T - 9 })).rejects.toMatchObject({ code: 'ITEM_UNSETTLED', statusCode: 503 });
    expect(updates()).toBe(2);
  });

  it('an item without a list of commands: the item is read, and written as it was seen', async () => {
    mock.on(UpdateCommand).rejectsOnce(error('ValidationException', {}, 'The document path provided in the update expression is invalid for update')).resolves({ Attributes: item() });
    mock.on(GetCommand).resolves({ Item: { ...key, timestamp: 5 } });
    expect(await seats().update(key, { a: 1 }, { expected: 5 })).toMatchObject({ kind: 'applied', attempts: 2 });
    expect(mock.commandCalls(GetCommand)[0]?.args[0].input).toMatchObject({ ConsistentRead: true });
  });

  it('the item of a refusal is the current one, and the next read: there is no other request', async () => {
    mock.on(UpdateCommand).rejects(refused(item({ timestamp: T + 3, tags: new Set(['a']) })));
    expect(await seats().update(key, { a: 1 }, { expected: T - 9 })).toEqual({
      kind: 'conflict', key, expected: T - 9, current: item({ timestamp: T + 3, tags: new Set(['a']) }), version: T + 3, attempts: 1,
    });
    expect(mock.calls()).toHaveLength(1);
    mock.reset();
    mock.on(GetCommand).resolves({ Item: item({ n: 1 }) });
    mock.on(UpdateCommand).rejectsOnce(refused(item({ timestamp: T + 3, n: 5 }))).resolves({ Attributes: item({ n: 6 }) });
    const seen: unknown[] = [];
    expect(await seats().updateWith(key, ({ n }) => (seen.push(n), { n: Number(n) + 1 }))).toMatchObject({ kind: 'applied', attempts: 2, version: T + 4 });
    expect(seen).toEqual([1, 5]);
    expect(mock.calls()).toHaveLength(3);
  });

  it('a tombstone under a create: replaced as it was seen; one that is gone by then is no obstacle', async () => {
    mock.on(PutCommand).rejectsOnce(refused(item({ deleted: true, timestamp: T + 5 }))).rejectsOnce(refused()).resolves({});
    mock.on(GetCommand).resolves({});
    expect(await seats().create(key, { a: 1 })).toMatchObject({ kind: 'applied', attempts: 3, version: T });
    expect(mock.commandCalls(PutCommand).map(({ args: [{ input }] }) => input.ConditionExpression)).toEqual(['attribute_not_exists(#0)', '#0 = :0 AND #1 = :1', 'attribute_not_exists(#0)']);
  });
});

describe('what is asked', () => {
  it.each([[undefined], [NaN], [[5, null]], [{}], [ABSENT]])('an expectation of %p is none', async (expected) => {
    await expect(seats().update(key, {}, { expected: expected as never })).rejects.toMatchObject({ code: 'INVALID_COMMAND', statusCode: 400 });
    expect(mock.calls()).toEqual([]);
  });

  it.each(['"1767225600000"', 'W/"17"'])('%p is an ETag where a version belongs: refused, since it would be a conflict for ever', async (expected) => {
    await expect(seats().update(key, {}, { expected })).rejects.toMatchObject({ code: 'INVALID_COMMAND', message: expect.stringContaining('expectedOf(') });
    mock.on(UpdateCommand).rejects(refused(item({ version: 'v1' })));
    await expect(seats({ version: () => 'v2' }).update(key, {}, { expected })).resolves.toMatchObject({ kind: 'conflict' }); // any text may be a version of your own
  });

  it.each([['text'], [2 ** 60], [[]]])('%p is no version of any item here: a conflict, not a write', async (expected) => {
    mock.on(GetCommand).resolves({ Item: item() });
    expect(await seats().update(key, { a: 1 }, { expected })).toMatchObject({ kind: 'conflict', expected, version: T - 9, current: item() });
    expect(updates()).toBe(0);
  });

  it.each([[{ commandId: '' }], [{ commandId: 'x'.repeat(129) }], [{ commandId: 5 }], [{ commandId: '\ud800' }], [{ by: '' }], [{ by: {} }]])('not %p', async (options) => {
    await expect(seats().create(key, {}, options as never)).rejects.toMatchObject({ code: 'INVALID_COMMAND' });
  });

  it('attempts, deadlines and clocks that are none', async () => {
    for (const attempts of [0, NaN, Infinity, 1.5]) await expect(seats().updateWith(key, () => ({}), { attempts })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    for (const deadline of [NaN, 'soon', {}, null]) await expect(seats().updateWith(key, () => ({}), { deadline: deadline as never })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    for (const time of [NaN, -1, '5', undefined, 2 ** 53]) await expect(seats({ now: () => time as never }).create(key, {})).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    expect(mock.calls()).toEqual([]);
  });

  it.each([[() => Promise.resolve({ a: 1 }), 'a promise'], [() => 'text', 'the string "text"'], [() => null, 'null'], [() => [1], 'an array']])('a change that is none: %s', async (change, found) => {
    mock.on(GetCommand).resolves({ Item: item() });
    await expect(seats().updateWith(key, change as never)).rejects.toMatchObject({ code: 'INVALID_COMMAND', message: expect.stringContaining(found) });
  });

  it('what a change throws is thrown on, and what it does to its argument changes nothing', async () => {
    mock.on(GetCommand).resolves({ Item: item({ tags: ['a'] }) });
    await expect(seats().updateWith(key, () => { throw new RangeError('sold out'); })).rejects.toThrow(RangeError);
    mock.on(UpdateCommand).resolves({ Attributes: item() });
    await seats().updateWith(key, (seat) => {
      (seat['tags'] as string[]).push('b');
      return seat;
    });
    expect(Object.values(mock.commandCalls(UpdateCommand)[0]?.args[0].input.ExpressionAttributeValues ?? {})).toContainEqual(['a', 'b']);
  });

  it('force repairs what no version can follow, and only that', async () => {
    mock.on(GetCommand).resolves({ Item: item({ timestamp: 'yesterday' }) });
    mock.on(UpdateCommand).resolves({ Attributes: item() });
    await expect(seats().update(key, { a: 1 }, { expected: PRESENT })).rejects.toMatchObject({ code: 'INVALID_ITEM' });
    expect(await seats().force(key, { a: 1 })).toMatchObject({ kind: 'applied', version: T });
    expect(Object.values(mock.commandCalls(UpdateCommand)[0]?.args[0].input.ExpressionAttributeValues ?? {})).toContain('yesterday');
  });
});

describe('time', () => {
  it('a signal that has aborted: nothing is sent', async () => {
    await expect(seats().create(key, {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'COMMAND_STOPPED', details: { sent: false } });
    await expect(seats().updateWith(key, () => ({}), { deadline: 1 })).rejects.toMatchObject({ code: 'COMMAND_STOPPED', details: { sent: false } });
    expect(mock.calls()).toEqual([]);
  });

  it('a signal that aborts a write: it may have been applied', async () => {
    const controller = new AbortController();
    mock.on(PutCommand).callsFake(() => {
      setImmediate(() => controller.abort());
      return new Promise(() => {});
    });
    await expect(seats().create(key, {}, { signal: controller.signal, commandId: 'mine' })).rejects.toMatchObject({ code: 'COMMAND_STOPPED', statusCode: 503, details: { sent: true, commandId: 'mine' } });
  });

  it('a signal is left as it was found, however the command ends', async () => {
    const { signal } = new AbortController();
    mock.on(PutCommand).resolvesOnce({}).rejects(error('AccessDeniedException'));
    await seats().create(key, {}, { signal });
    await seats().create(key, {}, { signal }).catch(() => {});
    await seats().create(key, { timestamp: 1 }, { signal }).catch(() => {});
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('of a Lambda: the last second is for the answer', async () => {
    mock.on(GetCommand).resolves({ Item: item() });
    await expect(seats().updateWith(key, () => ({ a: 1 }), { deadline: { getRemainingTimeInMillis: () => 900 } })).rejects.toMatchObject({ code: 'COMMAND_STOPPED' });
  });
});

describe('transactions', () => {
  const cancelled = (...codes: (string | object)[]) =>
    error('TransactionCanceledException', { CancellationReasons: codes.map((one) => (typeof one === 'string' ? { Code: one, Message: one } : one)) });
  const two = (expected: number | typeof PRESENT = 5): readonly Participant[] => [
    { name: 'a', intent: 'update', key, changes: { n: 1 }, expected },
    { name: 'b', intent: 'check', key: { pk: 'other' }, expected: 7 },
  ];
  const sent = () => mock.commandCalls(TransactWriteCommand).map(({ args: [{ input }] }) => input);

  it.each(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])('%s is tried again, with a token of its own', async (code) => {
    let now = T;
    mock.on(TransactWriteCommand).rejectsOnce(cancelled(code, 'None')).resolves({});
    expect(await seats({ now: () => (now += 1) }).transact(two())).toMatchObject({ kind: 'applied', attempts: 2 });
    const [first, second] = sent().map(({ ClientRequestToken }) => ClientRequestToken);
    expect(first).toMatch(/^[\w-]{36}$/);
    expect(second).not.toBe(first); // the same token with another request is an error
  });

  it.each([['TransactionInProgressException'], ['InternalServerError']])('%s is asked again with the same token', async (name) => {
    mock.on(TransactWriteCommand).rejectsOnce(error(name)).resolves({});
    expect(await seats().transact(two())).toMatchObject({ kind: 'applied', attempts: 1 });
    expect(new Set(sent().map((input) => JSON.stringify(input))).size).toBe(1);
    expect(sent()).toHaveLength(2);
  });

  it('a failed condition is not tried again, even beside a conflict that would be', async () => {
    mock.on(TransactWriteCommand).rejects(cancelled({ Code: 'ConditionalCheckFailed', Item: marshall(item()) }, 'TransactionConflict'));
    expect(await seats().transact(two())).toMatchObject({ kind: 'rejected', refusals: [{ name: 'a', kind: 'conflict', version: T - 9 }] });
    expect(sent()).toHaveLength(1);
  });

  it.each([
    ['ItemCollectionSizeLimitExceeded', { code: 'TRANSACTION_FAILED', details: { participant: 'a' } }],
    ['SomethingNew', { code: 'TRANSACTION_FAILED' }],
    ['ValidationError', { code: 'INVALID_COMMAND', message: expect.stringContaining('"a"') }],
  ])('%s is an error at once, with the name of the participant', async (code, expected) => {
    mock.on(TransactWriteCommand).rejects(cancelled(code, 'None'));
    await expect(seats().transact(two())).rejects.toMatchObject(expected);
    expect(sent()).toHaveLength(1);
  });

  it.each(['update', 'remove'] as const)('an %s cannot expect nothing', async (intent) => {
    await expect(seats().transact([{ intent, key, changes: {}, expected: ABSENT as never }])).rejects.toMatchObject({ code: 'INVALID_COMMAND' });
    expect(mock.calls()).toEqual([]);
  });

  it('an endless conflict is busy, one that is stopped is stopped', async () => {
    mock.on(TransactWriteCommand).rejects(cancelled('TransactionConflict', 'None'));
    await expect(seats().transact(two(), { attempts: 2 })).rejects.toMatchObject({ code: 'TRANSACTION_BUSY', statusCode: 503, details: { reasons: ['TransactionConflict', 'None'] } });
    const controller = new AbortController();
    mock.on(TransactWriteCommand).callsFake(() => {
      controller.abort();
      throw cancelled('TransactionConflict', 'None');
    });
    await expect(seats().transact(two(), { signal: controller.signal })).rejects.toMatchObject({ code: 'COMMAND_STOPPED' });
  });

  it('what goes by the item as it is goes by it again when somebody was faster', async () => {
    mock.on(GetCommand).resolves({ Item: item() });
    mock.on(TransactWriteCommand).rejectsOnce(cancelled({ Code: 'ConditionalCheckFailed', Item: marshall(item({ timestamp: T + 3 })) }, 'None')).resolves({});
    expect(await seats().transact(two(PRESENT))).toMatchObject({ kind: 'applied', attempts: 2, versions: { a: T + 4 } });
  });

  it('a lost answer to the end: nobody knows', async () => {
    mock.on(TransactWriteCommand).rejects(timeout());
    await expect(seats().transact(two(), { commandId: 'mine' })).rejects.toMatchObject({ code: 'COMMAND_UNANSWERED', details: { commandId: 'mine' } });
    expect(new Set(sent().map(({ ClientRequestToken }) => ClientRequestToken)).size).toBe(1);
  });
});
