import { BatchGetCommand, BatchWriteCommand, PutCommand, QueryCommand, ScanCommand, TransactGetCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import type { Engine } from '../../../src/replay/engines/engine';
import { memoryEngine } from '../../../src/replay/engines/memory';
import { describeLocal, freshTable } from '../../support/engines';
import { settled } from './ask';

const sortKeys: Readonly<Record<'S' | 'N' | 'B', readonly unknown[]>> = {
  S: ['a', 'ab', 'b', '\uffff', '😀', 'é'],
  N: [-1.5, -1, 0, 1, 2, 10],
  B: [[1], [1, 0], [2], [127], [128], [255]].map((bytes) => new Uint8Array(bytes)),
};

const sortCondition = fc.oneof(
  fc.constantFrom('=', '<', '<=', '>', '>=', '<>').map((operator) => `sk ${operator} :s`),
  fc.constantFrom('sk BETWEEN :s AND :o', 'begins_with(sk, :s)', 'begins_with(:s, sk)', ':s = sk', 'contains(sk, :s)', 'sk = :p', 'n = :s', 'sk < :s AND sk > :s', 'attribute_exists(sk)', 'NOT sk = :s', 'sk IN (:s, :o)'),
);
const keyCondition = fc.oneof(
  { weight: 2, arbitrary: fc.constant('pk = :p') }, { weight: 6, arbitrary: sortCondition.map((one) => `pk = :p AND ${one}`) },
  { weight: 1, arbitrary: sortCondition.map((one) => `${one} AND pk = :p`) }, { weight: 1, arbitrary: fc.constantFrom('pk > :p', 'sk = :s', 'pk = :p OR sk = :s', 'pk = :p AND pk = :p', 'begins_with(pk, :p)', 'pk = sk', '') },
);
const filter = fc.option(fc.constantFrom('n > :n', 'attribute_exists(m.x)', 'n = :n OR n < :n', 'sk = :s', 'NOT n = :n', 'size(t) > :n', 'n'), { nil: undefined });
const shape = fc.record({
  Limit: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }), ProjectionExpression: fc.option(fc.constantFrom('n, sk', 'm.x', 'pk', 'm, m.x'), { nil: undefined }),
  Select: fc.option(fc.constantFrom('COUNT', 'ALL_ATTRIBUTES'), { nil: undefined, freq: 1 }),
});

const bound = (input: Readonly<Record<string, unknown>>, all: Readonly<Record<string, unknown>>) => {
  const used = new Set(Object.values(input).flatMap((text) => (typeof text === 'string' ? text.match(/:\w+/g) ?? [] : [])));
  const values = Object.entries(all).filter(([name]) => used.has(name));
  return { ...Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)), ...(values.length > 0 && { ExpressionAttributeValues: Object.fromEntries(values) }) };
};

describeLocal('reading from the in-memory engine gives what DynamoDB Local gives', (local) => {
  let memory: Engine;
  const engines = () => [memory, local()] as const;
  beforeAll(() => { memory = memoryEngine(); });

  const tableWith = async (sortKey: { name: string; type: 'S' | 'N' | 'B' } | null, items: readonly Readonly<Record<string, unknown>>[]): Promise<string> => {
    const TableName = await freshTable(local(), { sortKey });
    await memory.createTable({ name: TableName, partitionKey: 'pk', sortKey });
    for (const { client } of engines()) for (const Item of items) await client.send(new PutCommand({ TableName, Item }));
    return TableName;
  };
  const both = (send: (engine: Engine) => Promise<unknown>) => Promise.all(engines().map((engine) => settled(() => send(engine))));

  test.each(['S', 'N', 'B'] as const)('queries over sort keys of type %s: conditions, filters, pages, directions', async (type) => {
    const keys = sortKeys[type];
    const items = keys.map((sk, i) => ({ pk: 'a', sk, n: i, t: 'x'.repeat(i), ...(i % 2 === 0 && { m: { x: i } }) }));
    const TableName = await tableWith({ name: 'sk', type }, [...items, { pk: 'b', sk: keys[0], n: 1 }]);
    const value = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...keys) }, { weight: 1, arbitrary: fc.constantFrom<unknown>('', 1, null) });
    let pages = 0;
    await fc.assert(fc.asyncProperty(keyCondition, filter, shape, value, value, fc.constantFrom<unknown>('a', 'a', 'a', 'c', 1), fc.boolean(), async (KeyConditionExpression, FilterExpression, more, s, o, p, ScanIndexForward) => {
      const input = bound({ KeyConditionExpression, FilterExpression, ScanIndexForward, ...more }, { ':p': p, ':s': s, ':o': o, ':n': 2 });
      const [ours, theirs] = await both(async ({ client }) => {
        const [items, counts]: [unknown[], number[]] = [[], [0, 0]];
        let ExclusiveStartKey: Record<string, unknown> | undefined;
        do {
          const page = await client.send(new QueryCommand({ TableName, ...input, ...(ExclusiveStartKey && { ExclusiveStartKey }) }));
          expect(page.ScannedCount).toBeLessThanOrEqual(more.Limit ?? 9);
          items.push(...page.Items ?? []);
          counts[0] = (counts[0] ?? 0) + (page.Count ?? 0);
          counts[1] = (counts[1] ?? 0) + (page.ScannedCount ?? 0);
          // DynamoDB Local looks ahead for whether there is more; the service does not.
          ExclusiveStartKey = page.LastEvaluatedKey;
          pages += 1;
        } while (ExclusiveStartKey);
        return { items, counts };
      });
      expect({ input, answer: ours }).toEqual({ input, answer: theirs });
    }), { numRuns: 150 });
    expect(pages).toBeGreaterThan(50);
  }, 60_000);

  test('scans find the same items, whatever the pages and segments', async () => {
    const TableName = await tableWith(null, Array.from({ length: 20 }, (_none, n) => ({ pk: `p${n}`, n, t: 'x'.repeat(n), m: { x: n } })));
    const all = async ({ client }: Engine, input: Readonly<Record<string, unknown>>): Promise<unknown> => {
      const found: unknown[] = [];
      let [start, scanned]: [Record<string, unknown> | undefined, number] = [undefined, 0];
      do {
        const page: { Items?: unknown[] | undefined; ScannedCount?: number | undefined; LastEvaluatedKey?: Record<string, unknown> | undefined } = await client.send(new ScanCommand({ TableName, ...input, ...(start && { ExclusiveStartKey: start }) }));
        found.push(...page.Items ?? []);
        scanned += page.ScannedCount ?? 0;
        start = page.LastEvaluatedKey;
      } while (start);
      return { found: found.map((item) => JSON.stringify(item, Object.keys(item as object).sort())).sort(), scanned };
    };
    for (const more of [{}, { Limit: 3 }, { Limit: 20 }, { FilterExpression: 'n > :n' }, { FilterExpression: 'pk = :p', Limit: 7 }, { ProjectionExpression: 'n' }]) {
      const input = bound(more, { ':n': 5, ':p': 'p7' });
      const [ours, theirs] = await both((engine) => all(engine, input));
      expect(ours).toEqual(theirs);
    }
    const segments = await Promise.all([0, 1, 2].map((Segment) => all(memory, { Segment, TotalSegments: 3, Limit: 2 }) as Promise<{ found: string[]; scanned: number }>));
    expect(segments.flatMap(({ found }) => found).sort()).toEqual((await all(local(), {}) as { found: string[] }).found);
    expect(segments.filter(({ scanned }) => scanned > 0).length).toBeGreaterThan(1);
  }, 60_000);

  test('batches and transactions that read', async () => {
    const TableName = await tableWith({ name: 'sk', type: 'N' }, []);
    const key = (n: number) => ({ pk: 'a', sk: n });
    const put = (n: number, more: object = {}) => ({ PutRequest: { Item: { ...key(n), ...more } } });
    const write = (...requests: object[]) => both(({ client }) => client.send(new BatchWriteCommand({ RequestItems: { [TableName]: requests } })));
    const get = (Keys: object[], more: object = {}) => both(async ({ client }) => {
      const { Responses } = await client.send(new BatchGetCommand({ RequestItems: { [TableName]: { Keys, ...more } } }));
      return [...Responses?.[TableName] ?? []].sort((a, b) => Number(a['sk']) - Number(b['sk']));
    });
    const read = (...Gets: object[]) => both(({ client }) => client.send(new TransactGetCommand({ TransactItems: Gets.map((Get) => ({ Get: { TableName, ...Get } })) } as never)));
    const answers = [
      await write(put(1, { n: 1 }), put(2), { DeleteRequest: { Key: key(3) } }),
      await write(put(1), put(1)), await write(put(4), { DeleteRequest: { Key: key(4) } }), await write(...Array.from({ length: 26 }, (_none, n) => put(n + 10))), await write(), await write({}),
      await write(put(5), { PutRequest: { Item: { pk: 'a' } } }), await write({ DeleteRequest: { Key: key(2) } }, put(6, { empty: '' })),
      await get([key(1), key(2), key(5), key(6)]), await get([key(1), key(1)]), await get([]), await get([key(1)], { ProjectionExpression: '#n', ExpressionAttributeNames: { '#n': 'n' } }), await get(Array.from({ length: 101 }, (_none, n) => key(n))),
      await read({ Key: key(1) }, { Key: key(2) }), await read({ Key: key(1) }, { Key: key(1) }), await read({ Key: key(1), ProjectionExpression: 'n' }, { Key: key(6) }),
    ];
    answers.forEach(([ours, theirs], at) => expect({ at, answer: ours }).toEqual({ at, answer: theirs }));
    expect(answers.filter(([, theirs]) => (theirs as { error?: string }).error === undefined).length).toBeGreaterThan(5);
  });
});
