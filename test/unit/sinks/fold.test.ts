import { PutCommand, ScanCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import _ from 'highland';
import { createHandler, initializeFrom, materialize, onlyApplied, update, type Event, type HandlerOptions, type Rule, type Settled, type WriteRequest } from '../../../src';
import type { AnyStream } from '../../../src/pipelines/pipeline';
import { memoryTable } from '../../support/engines';
import { event, fromTest, identifierOf, silent, type TestRecord } from '../../support/uows';

const T = 1_700_000_000_000;
afterEach(() => { jest.useRealTimers(); });
const table = memoryTable();
const { engine } = table;

interface Request {
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
}

type Trouble = (request: Request, number: number) => 'lost' | Error | undefined;

/** The engine's client, which keeps the writes that it is asked for, and has the troubles that it is told. */
const watch = (trouble: Trouble = () => undefined) => {
  const requests: Request[] = [];
  const send = async (command: UpdateCommand | PutCommand, options: object): Promise<unknown> => {
    if (!(command instanceof UpdateCommand || command instanceof PutCommand)) return engine.client.send(command, options);
    const found = trouble(command.input as Request, requests.push(command.input as Request));
    if (found instanceof Error) throw found;
    const answer: unknown = await engine.client.send(command as UpdateCommand, options);
    if (found === 'lost') throw Object.assign(new Error('late'), { name: 'TimeoutError' });
    return answer;
  };
  return { requests, client: { send } as unknown as DynamoDBDocumentClient };
};

const named = (name: string): Error => Object.assign(new Error(name), { name });
const names = (attribute: string) => ({ ExpressionAttributeNames = {} }: Request) => Object.values(ExpressionAttributeNames).includes(attribute);

type Options = Partial<Pick<HandlerOptions<never>, 'fold' | 'oplock'>> & {
  readonly client?: DynamoDBDocumentClient; readonly rules?: readonly Rule[]; readonly trouble?: Trouble;
};

/** Events are `[id, age, what to set]`: one item, one batch. */
type Given = readonly [id: string, at: number, set?: Readonly<Record<string, unknown>> | 'deleted', more?: object];

interface GivenEvent extends Event {
  readonly said: Given[2];
}

const key = { pk: 'thing-1' };
const toWrite = ({ event: { said } }: { event: GivenEvent }): WriteRequest => (said === 'deleted' ? { key, tombstone: true } : { key, set: said ?? {} });
const rule = { id: 'thing', flavor: materialize<GivenEvent>, toWrite } as unknown as Rule;

type Writing = Highland.Stream<{ event: GivenEvent; write: WriteRequest }>;

/** A rule with a stream of its own. */
const own = (step: (s: Writing) => AnyStream): Rule =>
  ({ id: 'own', flavor: () => (s: Highland.Stream<{ event: GivenEvent }>) => step(s.map((uow) => ({ ...uow, write: toWrite(uow) }))) }) as unknown as Rule;

const records = (given: readonly Given[]): readonly TestRecord[] => given.map(([id, at, said, more]) => ({ event: event(id, { timestamp: T + at, partitionKey: 'thing-1', said, ...more }) }));

const run = async (given: readonly Given[], { rules = [rule], trouble, ...options }: Options = {}) => {
  const { client, requests } = watch(trouble);
  const settled: Settled[] = [];
  const handler = createHandler({
    source: fromTest, pipelines: initializeFrom(rules), client, tableName: table.name, logger: silent, publishFault: async () => {},
    retry: { maxAttempts: 2, baseMs: 0 }, onSettled: (one) => { settled.push(one); }, ...options,
  });
  const response = await handler(records(given));
  const { Items: [item] = [] } = await engine.client.send(new ScanCommand({ TableName: table.name }));
  const outcomes = settled.map(({ outcome }) => outcome);
  return { response, requests, item, outcomes, ends: outcomes.map(({ kind, ...more }) => ('by' in more ? `${kind} by ${more.by}` : 'reason' in more ? `${kind}: ${more.reason}` : kind)) };
};

const hundred: readonly Given[] = Array.from({ length: 100 }, (_unused, i) => [`e${i}`, i, { a: i }]);

describe('events of one item in one batch', () => {
  it('are one request, and all but the newest are superseded by it', async () => {
    const { requests, ends, item } = await run(hundred.toReversed());
    expect(requests).toHaveLength(1);
    expect(item).toEqual({ ...key, a: 99, timestamp: T + 99, oplockTie: 'e99' });
    expect(ends).toEqual(['applied', ...Array<string>(99).fill('superseded by e99')]);
  });

  it.each<[string, (client: DynamoDBDocumentClient) => Options]>([
    ['the handler', () => ({ fold: false })],
    ['the rule', () => ({ rules: [{ ...rule, fold: false } as Rule] })],
    ['the sink', (client) => ({ rules: [own((s) => s.through(update({ tableName: table.name, client, fold: false })))] })],
  ])('are one request each when %s says so', async (_name, options) => {
    const { client, requests } = watch();
    const { ends } = await run(hundred, { ...options(client), client });
    expect(requests).toHaveLength(100);
    expect(ends).toEqual(Array(100).fill('applied'));
  });

  it('keep the attributes of the older ones, whatever their order', async () => {
    const { requests, ends, item } = await run([['c', 3, { b: undefined, c: 3 }], ['a', 1, { a: 1, b: 1 }], ['b', 2, { a: 2 }]]);
    expect(requests).toHaveLength(1);
    expect(item).toEqual({ ...key, a: 2, c: 3, timestamp: T + 3, oplockTie: 'c' });
    expect(ends).toEqual(['applied', 'superseded by c', 'superseded by c']);
  });

  it('let nothing stale in: the rest is sent again without it', async () => {
    await run([['stored', 5, { b: 'stored' }]]);
    const { requests, ends, item } = await run([['old', 4, { a: 'old', b: 'old' }], ['new', 6, { b: 'new' }]]);
    expect(requests).toHaveLength(2);
    expect(item).toEqual({ ...key, b: 'new', timestamp: T + 6, oplockTie: 'new' });
    expect(ends).toEqual(['stale', 'applied']);
  });

  it('are two requests around a delete: the delete, and what is newer', async () => {
    const { requests, ends, item } = await run([['a', 1, { a: 1 }], ['b', 2, { b: 2 }], ['gone', 3, 'deleted'], ['c', 4, { c: 4 }], ['d', 5, { d: 5 }]]);
    expect(requests).toHaveLength(2);
    expect(item).toEqual({ ...key, c: 4, d: 5, timestamp: T + 5, oplockTie: 'd' });
    expect(ends).toEqual(['superseded by gone', 'superseded by gone', 'applied', 'superseded by d', 'applied']);
  });

  it('count a second delivery as such', async () => {
    const { requests, ends } = await run([['a', 1, { a: 1 }], ['b', 2, { a: 2 }], ['a', 1, { a: 1 }], ['b', 2, { a: 2 }]]);
    expect(requests).toHaveLength(1);
    expect(ends).toEqual(['superseded by b', 'applied', 'duplicate', 'duplicate']);
  });

  it('are written one by one when two of them have one oplock: the first to come stays', async () => {
    const { requests, ends, item } = await run([['a', 1, { a: 'first' }], ['b', 1, { a: 'second' }]], { oplock: { tie: () => 'same' } });
    expect(requests).toHaveLength(2);
    expect(ends).toEqual(['applied', 'duplicate']);
    expect(item).toMatchObject({ a: 'first' });
  });

  it('join when their mappings are asynchronous, as soon as they are known, and in order', async () => {
    const slow = async (uow: { event: GivenEvent }) => {
      for (let turns = uow.event.id === 'e0' ? 5 : 1; turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve));
      return toWrite(uow);
    };
    const { requests, ends } = await run(hundred.slice(0, 10), { rules: [{ ...rule, toWrite: slow } as Rule] });
    expect(requests).toHaveLength(1);
    expect(ends.filter((end) => end === 'superseded by e9')).toHaveLength(9);
  });

  it('are written when somebody holds the clock', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
    expect((await run(hundred)).requests).toHaveLength(1);
  });
});

describe('only what goes by the same rules is folded', () => {
  const other = (more: object): Rule => ({ ...rule, id: 'other', eventType: 'other', ...more } as Rule);
  const both = (more: object) => [{ ...rule, eventType: 'thing-updated' } as Rule, other(more)];
  const given: readonly Given[] = [['a', 1, { a: 1 }], ['b', 2, { b: 2 }, { type: 'other' }], ['c', 3, { c: 3 }]];

  it('of several rules, too', async () => {
    const { requests, ends } = await run(given, { rules: both({}) });
    expect(requests).toHaveLength(1);
    expect(ends).toEqual(['superseded by c', 'superseded by c', 'applied']);
  });

  it.each<[string, object]>([
    ['another attribute for the oplock', { oplock: { attribute: 'version' } }],
    ['groups', { groups: { one: ['b'] } }],
    ['no folding', { fold: false }],
    ['another client', { client: watch().client }],
  ])('but not with a rule of %s', async (_name, more) => {
    const { ends, item } = await run(given, { rules: both(more) });
    expect(ends).toEqual(['applied', 'applied', 'applied']);
    expect(item).toMatchObject({ a: 1, b: 2, c: 3 });
  });

  it('and sidecars of one place, whatever the text of the functions that name it', async () => {
    const beside = (name: string) => ({ oplock: { onDelete: { sidecar: { key: ({ pk }: { pk: string }) => ({ pk: `${name}-${pk}` }) } } } });
    const { requests } = await run([['a', 1, { a: 1 }], ['gone', 2, 'deleted', { type: 'other' }]], { rules: [{ ...rule, eventType: 'thing-updated', ...beside('x') } as Rule, other(beside('y'))] });
    const together = await run([['a', 3, { a: 1 }], ['gone', 4, 'deleted', { type: 'other' }]], { rules: [{ ...rule, eventType: 'thing-updated', ...beside('x') } as Rule, other(beside('x'))] });
    expect(requests).toHaveLength(1); // the update, which finds no item: all else are transactions
    expect(together.ends).toEqual(['superseded by gone', 'applied']);
  });

  it('and not past a raw request, which may read what is there', async () => {
    const raw = { ...rule, id: 'raw', eventType: 'raw', toWrite: undefined, toUpdateRequest: () => ({ Key: key, UpdateExpression: 'SET seen = a' }) } as unknown as Rule;
    const { requests, ends, item } = await run(
      [['a', 1, { a: 1 }], ['b', 2, { a: 2 }], ['raw', 3, {}, { type: 'raw' }], ['c', 4, { a: 4 }], ['d', 5, { a: 5 }]],
      { rules: [{ ...rule, eventType: 'thing-updated' } as Rule, raw] },
    );
    expect(requests).toHaveLength(3);
    expect(item).toMatchObject({ a: 5, seen: 2 });
    expect(ends).toEqual(['superseded by b', 'applied', 'applied', 'superseded by d', 'applied']);
  });

  it('and not on a stream that no source made: each error belongs to its uow', async () => {
    const { client, requests } = watch();
    const uows = records([['a', 1, { a: 1 }], ['b', 2, { a: 2 }]]).map(({ event: one }) => ({ event: one, origin: {}, write: toWrite({ event: one as GivenEvent }) }));
    await _(uows).through(update({ client, tableName: table.name })).collect().toPromise(Promise);
    expect(requests).toHaveLength(2);
  });
});

describe('one that cannot be written, ever, is the only one that is set aside', () => {
  const invalid: Trouble = (request) => (names('bad')(request) ? named('ValidationException') : undefined);

  it.each([0, 1, 2])('be it number %i of three', async (place) => {
    const given: readonly Given[] = [0, 1, 2].map((i) => [`e${i}`, i, { [`a${i}`]: i, ...(i === place && { bad: 1 }) }]);
    const { ends, item } = await run(given, { trouble: invalid });
    expect(ends).toEqual([0, 1, 2].map((i) => (i === place ? 'fault' : 'applied')));
    expect(item).toMatchObject(Object.fromEntries([0, 1, 2].filter((i) => i !== place).map((i) => [`a${i}`, i])));
    expect(item).not.toHaveProperty('bad');
  });

  it('and when it is a delete, the events before it and behind it are written', async () => {
    const { ends, item } = await run([['a', 1, { a: 1 }], ['gone', 2, 'deleted'], ['b', 3, { b: 3 }]], { trouble: (request) => ('Item' in request ? named('ValidationException') : undefined) });
    expect(ends).toEqual(['applied', 'fault', 'applied']);
    expect(item).toMatchObject({ a: 1, b: 3 });
  });

  it('also when a newer delete came with it', async () => {
    const { ends } = await run([['a', 1, { timestamp_profile: undefined }], ['gone', 2, 'deleted']], { oplock: { groups: { profile: ['name'] } } });
    expect(ends).toEqual(['fault', 'applied']);
  });

  it('be it too large only with what the others have written', async () => {
    const { ends, item } = await run([['a', 1, { a: 'x'.repeat(250_000) }], ['b', 2, { b: 'x'.repeat(250_000) }], ['c', 3, { c: 3 }]]);
    expect(ends).toEqual(['applied', 'fault', 'applied']);
    expect(Object.keys(item ?? {}).sort()).toEqual(['a', 'c', 'oplockTie', 'pk', 'timestamp']);
  });

  it('and nothing is, when they are too many for one expression but not each by itself', async () => {
    const many = (letter: string) => Object.fromEntries(Array.from({ length: 300 }, (_unused, i) => [`${letter}${i}`, i]));
    const { ends, item } = await run([['a', 1, many('a')], ['b', 2, many('b')]]);
    expect(ends).toEqual(['applied', 'applied']);
    expect(Object.keys(item ?? {})).toHaveLength(603);
  });
});

describe('when the table has troubles', () => {
  const partial: readonly Given[] = [['a', 1, { a: 1 }], ['b', 2, { b: 2 }], ['c', 3, { c: 3 }]];

  it('a lost response does no harm: the newest is found to be there, and the others behind it', async () => {
    const { requests, ends, item } = await run(partial, { trouble: (_request, number) => (number === 1 ? 'lost' : undefined) });
    expect(requests).toHaveLength(2);
    expect(item).toMatchObject({ a: 1, b: 2, c: 3 });
    expect(ends).toEqual(['stale', 'stale', 'duplicate']);
  });

  it('all of them are retried, in one request, and reported together when that does not help', async () => {
    const once = await run(partial, { trouble: (_request, number) => (number === 1 ? named('ThrottlingException') : undefined) });
    expect(once.ends).toEqual(['superseded by c', 'superseded by c', 'applied']);
    expect(once.requests).toHaveLength(2);
    const always = await run([['d', 4, { a: 4 }], ['e', 5, { a: 5 }]], { trouble: () => named('ThrottlingException') });
    expect(always.ends).toEqual(['retry: transient', 'retry: transient']);
    expect(always.requests).toHaveLength(2);
    expect(always.response).toEqual({ batchItemFailures: [{ itemIdentifier: identifierOf(0) }] });
  });

  it('a delete that must be delivered again holds what is newer', async () => {
    const { ends } = await run([['a', 1, { a: 1 }], ['gone', 2, 'deleted'], ['b', 3, { b: 3 }]], { trouble: () => named('ThrottlingException') });
    expect(ends).toEqual(['retry: transient', 'retry: transient', 'retry: held']);
  });

  it('all of them wait behind an event of which is not known what it writes', async () => {
    const lost = (uow: { event: GivenEvent }) => (uow.event.id === 'a' ? Promise.reject(named('ThrottlingException')) : Promise.resolve(toWrite(uow)));
    const { ends, requests } = await run(partial, { rules: [{ ...rule, toWrite: lost } as Rule] });
    expect(ends).toEqual(['retry: transient', 'retry: held', 'retry: held']);
    expect(requests).toEqual([]);
  });
});

it('a side effect behind onlyApplied follows the newest only: nobody has seen what it superseded', async () => {
  const told: string[] = [];
  const { client } = watch();
  await run(hundred, { rules: [own((s) => s.through(update({ client, tableName: table.name })).filter(onlyApplied).tap((uow) => told.push(uow.event.id)))] });
  expect(told).toEqual(['e99']);
});
