import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { tableKey } from '../../../src/replay/engines/table-key';
import { digest } from '../../../src/replay/table/digest';
import { diffTables, renderDiff } from '../../../src/replay/table/diff';
import { readTableFile, writeTableFile } from '../../../src/replay/table/file';
import { plainNumber } from '../../../src/replay/table/number';
import { toPlainItems } from '../../../src/replay/table/plain';

const key = tableKey({ partitionKey: 'pk', sortKey: 'sk' });

const { value: attribute } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string().map((S): AttributeValue => ({ S })),
    fc.maxSafeInteger().map((n): AttributeValue => ({ N: String(n) })),
    fc.boolean().map((BOOL): AttributeValue => ({ BOOL })),
    fc.constant<AttributeValue>({ NULL: true }),
    fc.uint8Array().map((B): AttributeValue => ({ B })),
    fc.uniqueArray(fc.string(), { minLength: 1 }).map((SS): AttributeValue => ({ SS })),
    fc.array(tie('value')).map((L): AttributeValue => ({ L })),
    fc.dictionary(fc.string(), tie('value')).map((M): AttributeValue => ({ M })),
  ),
}));

const item = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '#a:b.c')), attribute, { maxKeys: 5 });
const items = fc.array(item, { maxLength: 6 });

/** The same content with the members of every map and set the other way round. */
const turned = (value: AttributeValue): AttributeValue => {
  if (value.SS) return { SS: [...value.SS].reverse() };
  if (value.L) return { L: value.L.map(turned) };
  if (value.M) return { M: turnedMap(value.M) };
  return value;
};
const turnedMap = (map: Record<string, AttributeValue>): Record<string, AttributeValue> =>
  Object.fromEntries(Object.entries(map).reverse().map(([name, value]) => [name, turned(value)]));

describe('digest', () => {
  test('does not depend on the order of items, attributes and set members', () => {
    fc.assert(fc.property(items, (table) => {
      expect(digest([...table].reverse().map(turnedMap))).toBe(digest(table));
    }));
  });

  test('depends on everything else: one changed, added or removed item changes it', () => {
    fc.assert(fc.property(items, item, (table, other) => {
      expect(digest([...table, other])).not.toBe(digest(table));
    }));
    const value = (one: AttributeValue) => digest([{ pk: { S: 'a' }, value: one }]);
    const different: AttributeValue[] = [
      { S: '1' }, { N: '1' }, { B: Buffer.from('1') }, { SS: ['1'] }, { NS: ['1'] }, { BS: [Buffer.from('1')] }, { L: [{ S: '1' }] },
      { L: [{ N: '1' }] }, { M: { 1: { N: '1' } } }, { BOOL: true }, { BOOL: false }, { NULL: true }, { S: '' }, { L: [] }, { M: {} },
      { S: '["N","1"]' }, { L: [{ S: '1' }, { S: '1' }] }, { L: [{ L: [{ S: '1' }] }, { S: '1' }] },
    ];
    expect(new Set(different.map(value)).size).toBe(different.length);
    expect(digest([])).not.toBe(digest([{}]));
  });

  test('a number is the same however an engine writes it', () => {
    const value = (N: string) => digest([{ n: { N } }]);
    expect(value('1.500')).toBe(value('15e-1'));
    expect(value('-0')).toBe(value('0.0'));
    expect(value('9007199254740993')).not.toBe(value('9007199254740992'));
  });
});

describe('plainNumber', () => {
  test('a double comes back as it was, however it is written', () => {
    const magnitude = fc.double({ noNaN: true, min: 1e-120, max: 1e120 });
    fc.assert(fc.property(magnitude, fc.boolean(), (size, negative) => {
      const number = negative ? -size : size;
      expect(plainNumber(String(number))).toBe(number);
      expect(plainNumber(number.toExponential())).toBe(number);
    }));
    expect(plainNumber('-0.00')).toBe(0);
  });

  test('what a double cannot hold stays a text', () => {
    expect(plainNumber('9007199254740993')).toBe('9007199254740993');
    expect(plainNumber('0.1000000000000000000001')).toBe('0.1000000000000000000001');
    expect(plainNumber('1.50')).toBe(1.5);
  });
});

describe('toPlainItems', () => {
  test('every type has its JSON form; attributes are sorted by name', () => {
    const plain = toPlainItems([{
      sk: { S: 's' }, pk: { S: 'p' }, n: { N: '1.50' }, big: { N: '9007199254740993' }, b: { B: Buffer.from('hi') },
      yes: { BOOL: true }, no: { BOOL: false }, nothing: { NULL: true }, ss: { SS: ['b', 'a'] }, ns: { NS: ['10', '9', '-1'] },
      bs: { BS: [Buffer.from('b'), Buffer.from('a')] }, l: { L: [{ N: '1' }, { M: {} }] }, m: { M: { z: { S: '' }, a: { L: [] } } },
    }], key);
    expect(JSON.stringify(plain)).toBe(JSON.stringify([{
      b: 'aGk=', big: '9007199254740993', bs: ['YQ==', 'Yg=='], l: [1, {}], m: { a: [], z: '' }, n: 1.5, no: false, nothing: null,
      ns: [-1, 9, 10], pk: 'p', sk: 's', ss: ['a', 'b'], yes: true,
    }]));
  });

  test('sorted as DynamoDB sorts keys: strings by bytes, numbers as numbers', () => {
    const texts = [{ pk: '🙂', sk: 'a' }, { pk: '\uffff', sk: 'a' }, { pk: 'a', sk: 'b' }, { pk: 'a', sk: 'B' }];
    expect(toPlainItems(texts.map(({ pk, sk }) => ({ pk: { S: pk }, sk: { S: sk } })), key).map(({ pk, sk }) => `${pk as string}/${sk as string}`))
      .toEqual(['a/B', 'a/b', '\uffff/a', '🙂/a']);
    const numeric = tableKey({ partitionKey: { name: 'id', type: 'N' }, sortKey: null });
    expect(toPlainItems(['10', '9', '-3', '9007199254740993', '9007199254740992'].map((N) => ({ id: { N } })), numeric).map(({ id }) => id))
      .toEqual([-3, 9, 10, 9007199254740992, '9007199254740993']);
    const binary = tableKey({ partitionKey: { name: 'id', type: 'B' } });
    expect(toPlainItems([[200], [1, 2], [1]].map((bytes) => ({ id: { B: Uint8Array.from(bytes) } })), binary).map(({ id }) => id))
      .toEqual(['AQ==', 'AQI=', 'yA==']);
  });

  test('an attribute named __proto__ is an attribute', () => {
    const hostile = Object.fromEntries([['pk', { S: 'a' }], ['__proto__', { M: { polluted: { BOOL: true } } }]]) as Record<string, AttributeValue>;
    const [plain] = toPlainItems([hostile], key);
    expect(Object.keys(plain ?? {})).toEqual(['__proto__', 'pk']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('diffTables', () => {
  const plain = items.map((table) => toPlainItems(table.map((one, at) => ({ ...one, pk: { S: `k${at}` }, sk: { S: 's' } })), key));

  test('a table equals itself, whatever its order, also after a way through JSON', () => {
    fc.assert(fc.property(plain, (table) => {
      const again = JSON.parse(JSON.stringify([...table].reverse())) as typeof table;
      expect(diffTables(table, again, key)).toEqual({ equal: true, missing: [], unexpected: [], differing: [] });
    }));
  });

  test('says what is missing, what is too much and which attributes differ', () => {
    const actual = [{ pk: 'a', sk: 's', n: 1, same: [1] }, { pk: 'b', sk: 's' }];
    const expected = [{ pk: 'a', sk: 's', n: '1', same: [1], gone: null }, { pk: 'c', sk: 's' }];
    const diff = diffTables(actual, expected, key);
    expect(diff).toEqual({
      equal: false,
      missing: ['pk="c" sk="s"'],
      unexpected: ['pk="b" sk="s"'],
      differing: [{ key: 'pk="a" sk="s"', attributes: [{ name: 'gone', expected: null }, { name: 'n', actual: 1, expected: '1' }] }],
    });
    const text = renderDiff(diff);
    for (const line of ['- pk="c" sk="s"', '+ pk="b" sk="s"', '    - "gone": null', '    + "gone": (absent)', '    - "n": "1"', '    + "n": 1']) {
      expect(text.split('\n')).toContain(line);
    }
  });

  test('a long difference is cut, and says so', () => {
    const expected = Array.from({ length: 30 }, (_, at) => ({ pk: `k${at}`, sk: 's' }));
    expect(renderDiff(diffTables([], expected, key), 5).split('\n')).toHaveLength(7);
    expect(renderDiff(diffTables([], expected, key), 5)).toContain('and 25 more');
    expect(renderDiff(diffTables([], [], key))).toBe('The table is as expected.');
  });

  test('items that no table can hold are counted one by one: without the key, or twice', () => {
    const { equal, missing } = diffTables([{ pk: 'a', sk: 's' }], [{ pk: 'a', sk: 's', n: 1 }, { id: 1 }, { id: 2 }, { pk: 'a', sk: 's' }], key);
    expect({ equal, missing }).toEqual({
      equal: false,
      missing: ['pk=(absent) sk=(absent)', 'pk=(absent) sk=(absent) (once more, as item 3)', 'pk="a" sk="s" (once more, as item 4)'],
    });
  });
});

describe('table files', () => {
  let folder: string;
  beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'oplock-test-')); });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(['table.json', 'table.json.gz'])('%s: what is written is read again', async (name) => {
    for (const table of [[], [{ pk: 'a' }, { pk: 'b', nested: { '€': [1, null] } }]]) {
      await writeTableFile(join(folder, name), table);
      expect(await readTableFile(join(folder, name))).toEqual(table);
    }
  });

  test('one item per line', async () => {
    await writeTableFile(join(folder, 'lines.json'), [{ pk: 'a' }, { pk: 'b' }]);
    expect(await readFile(join(folder, 'lines.json'), 'utf8')).toBe('[\n{"pk":"a"},\n{"pk":"b"}\n]\n');
  });

  test.each(['{}', '[1]', '[null]', '[[]]', 'no json'])('%s is refused with the name of the file', async (content) => {
    const path = join(folder, 'bad.json');
    await writeFile(path, content);
    await expect(readTableFile(path)).rejects.toMatchObject({ code: 'TABLE_FILE_INVALID', message: expect.stringContaining(path) });
  });
});

test.each([undefined, '', 7, { name: 'a' }, { name: 'a', type: 'X' }, { name: '', type: 'S' }])('a partition key %j is refused', (partitionKey) => {
  expect(() => tableKey({ partitionKey: partitionKey as string })).toThrow(expect.objectContaining({ code: 'TABLE_KEY_INVALID' }));
});
