import { resolve } from 'node:path';
import { loadRules } from '../../../src/cli/rules-module';
import { fromDynamodb } from '../../../src/sources/from-dynamodb';
import { fromKinesis } from '../../../src/sources/from-kinesis';

// A file that is there; what it holds is given to loadRules by each test.
const FILE = 'fixtures/hazards/things.mjs';
const rules = [{ id: 'r', flavor: () => { throw new Error('never built here'); } }];

const load = (namespace: unknown, path = FILE) => loadRules(path, (absolute) => {
  expect(absolute).toBe(resolve(path));
  return Promise.resolve(namespace);
});

test('a list of rules: Kinesis into pk and sk', async () => {
  expect(await load({ default: rules })).toEqual({
    rules, source: fromKinesis, table: { partitionKey: { name: 'pk', type: 'S' }, sortKey: { name: 'sk', type: 'S' } },
  });
});

test('an object says the rest', async () => {
  const loaded = await load({ default: { rules, source: 'dynamodb', table: { partitionKey: { name: 'id', type: 'N' }, sortKey: false } } });
  expect(loaded).toEqual({ rules, source: fromDynamodb, table: { partitionKey: { name: 'id', type: 'N' } } });
  const source = () => { throw new Error('not called'); };
  expect((await load({ default: { rules, source } })).source).toBe(source);
});

test('the default export of an ES module inside a CommonJS one is found', async () => {
  expect((await load({ default: { __esModule: true, default: rules } })).rules).toBe(rules);
});

test.each([
  [{}, 'its default export must be'],
  [{ default: [] }, 'its default export must be'],
  [{ default: { rules: {} } }, 'its default export must be'],
  [{ default: 7 }, 'its default export must be'],
  [null, 'its default export must be'],
  [{ default: { rules, source: 'sqs' } }, "source is \"sqs\": give 'kinesis'"],
  [{ default: { rules, table: {} } }, 'table: partitionKey is undefined'],
  [{ default: { rules, table: { partitionKey: 'pk', sortKey: { name: 'sk', type: 'BOOL' } } } }, 'table: sortKey is'],
])('%j is refused: %s', async (namespace, message) => {
  await expect(load(namespace)).rejects.toMatchObject({
    code: 'RULES_MODULE_INVALID', message: expect.stringMatching(new RegExp(`${FILE}.*${message.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`)),
  });
});

test('a module that is not there, has another name or throws', async () => {
  await expect(load({}, 'no-such.mjs')).rejects.toMatchObject({ message: expect.stringContaining('no-such.mjs: there is no such file') });
  await expect(load({}, 'package.json')).rejects.toMatchObject({ message: expect.stringContaining('.mts') });
  await expect(loadRules(FILE, () => Promise.reject(new TypeError('no such thing')))).rejects.toMatchObject({
    code: 'RULES_MODULE_INVALID', message: expect.stringMatching(/TypeError: no such thing \(at .*rules-module\.test\.ts:\d+:\d+\)?\)$/),
  });
  await expect(loadRules(FILE, () => Promise.reject(new SyntaxError('Unexpected end of input')))).rejects.toMatchObject({
    code: 'RULES_MODULE_INVALID', message: expect.stringContaining(`Unexpected end of input (to see where, run: node ${FILE})`),
  });
});
