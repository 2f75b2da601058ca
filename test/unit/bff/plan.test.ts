import { NumberValueImpl as NumberValue } from '@aws-sdk/util-dynamodb';
import { settingsOf, type Settings } from '../../../src/bff/settings';
import type { CommandContext, WriteCommand } from '../../../src/bff/plan/command';
import { explain } from '../../../src/bff/plan/explain';
import { nextTimestamp, storedVersion } from '../../../src/bff/plan/next';
import { planCommand } from '../../../src/bff/plan/plan';
import { includesCommand, nextCommands, versionMadeBy, wouldRemember } from '../../../src/bff/plan/recent-commands';
import type { CommandsOptions, Item } from '../../../src/bff';
import { thrownBy } from '../oplock/uow';

const T = 1_780_000_000_000;
const key = { pk: 'a', sk: 'b' };
const settings = (options: CommandsOptions = {}): Settings => settingsOf({ region: 'here', ...options });
const context: CommandContext = { now: T, id: 'me', isNamed: false, by: undefined };
const plan = (command: WriteCommand, options: CommandsOptions = {}, given: Partial<CommandContext> = {}) => planCommand(command, { ...context, ...given }, settings(options), 't');
const update = (changes: object, more: Partial<Extract<WriteCommand, { intent: 'update' }>> = {}): WriteCommand => ({ intent: 'update', key, changes, version: T - 5, ...more });
const known = (more: object = {}): Item => ({ ...key, timestamp: T - 5, recentCommands: ['x', T - 5], ...more });

/** The update with names and values in their places. */
const shown = (command: WriteCommand, options?: CommandsOptions, given?: Partial<CommandContext>) => {
  const { request } = plan(command, options, given);
  if (request.operation !== 'update') throw new Error('no update');
  const { UpdateExpression, ConditionExpression, ExpressionAttributeNames = {}, ExpressionAttributeValues = {} } = request.input;
  const fill = (text: string) => text.replace(/#\d+/g, (alias) => ExpressionAttributeNames[alias] ?? '?').replace(/:\d+/g, (alias) => JSON.stringify(ExpressionAttributeValues[alias]));
  return { update: fill(UpdateExpression), condition: fill(ConditionExpression) };
};

describe('an update', () => {
  it('by a version alone: the equality oplock, and a shift of the list', () => {
    expect(shown(update({ state: 'held', none: null, left: undefined, set: new Set() }), { rememberCommands: 15 })).toEqual({
      condition: `(attribute_not_exists(deleted) OR deleted <> true) AND timestamp = ${T - 5}`,
      update: expect.stringMatching(new RegExp(
        `^SET state="held",timestamp=${T},lastModifiedBy="system",awsregion="here",recentCommands\\[0\\]="me",recentCommands\\[1\\]=${T},`
        + 'recentCommands\\[2\\]=if_not_exists\\(recentCommands\\[0\\],null\\),.* REMOVE none,set,latched,oplockTie,recentCommands\\[31\\],recentCommands\\[30\\]$')),
    });
  });

  it('of a known item: the whole list at once, and exactly what was seen', () => {
    expect(shown(update({ state: 'held' }, { known: known() }))).toEqual({
      condition: `(attribute_not_exists(deleted) OR deleted <> true) AND timestamp = ${T - 5}`,
      update: `SET state="held",timestamp=${T},lastModifiedBy="system",awsregion="here",recentCommands=["me",${T},"x",${T - 5}] REMOVE latched,oplockTie`,
    });
  });

  it('with a counted version guards the timestamp as well: older than the new one, or just as it was seen', () => {
    const byVersion = shown(update({}, { version: 3 }), { version: 'counter' });
    expect(byVersion.condition).toContain(`version = 3 AND (attribute_not_exists(timestamp) OR timestamp < ${T})`);
    expect(byVersion.update).toContain(`timestamp=${T},version=4,`);
    const seen = shown(update({}, { version: 3, known: known({ version: 3 }) }), { version: 'counter' });
    expect(seen.condition).toContain(`version = 3 AND timestamp = ${T - 5}`);
  });

  it('that the caller has named is not applied when the item remembers it; what is no list says nothing', () => {
    expect(shown(update({}), {}, { isNamed: true }).condition).toContain('NOT contains(recentCommands,"me")');
    expect(shown(update({}, { known: known({ recentCommands: 'some text' }) }), {}, { isNamed: true }).condition).not.toContain('contains');
  });

  it('of an item without a version needs an item: an update makes none', () => {
    const { condition } = shown(update({}, { version: undefined, known: { ...key } }));
    expect(condition).toContain('attribute_exists(pk)');
    expect(condition).toContain('(attribute_not_exists(timestamp) OR attribute_type(timestamp,"NULL"))');
  });

  it('names and values are never part of the expression: reserved words, dots and dashes are names like others', () => {
    const { request } = plan(update({ 'a.b-c': 1, status: 'x', '#0': 2 }));
    expect(request.input.ConditionExpression).not.toMatch(/status|a\.b/);
    expect(Object.values(request.input.ExpressionAttributeNames ?? {})).toEqual(expect.arrayContaining(['a.b-c', 'status', '#0', 'timestamp']));
  });

  it('that is too large for one expression says so, and what to do', () => {
    const many = Object.fromEntries(Array.from({ length: 400 }, (_none, i) => [`attribute${i}`, i]));
    expect(thrownBy(() => plan(update(many), { rememberCommands: 16 }))).toMatchObject({ code: 'COMMAND_TOO_LARGE', statusCode: 413, message: expect.stringContaining('400 attributes') });
    expect(thrownBy(() => plan(update({ a: 'x'.repeat(500_000) })))).toMatchObject({ code: 'ITEM_TOO_LARGE', statusCode: 413 });
    expect(plan(update(Object.fromEntries(Object.entries(many).slice(0, 200))), { rememberCommands: 16 }).version).toBe(T);
  });
});

describe('what a command may say', () => {
  it.each(['timestamp', 'version', 'oplockTie', 'discriminator', 'latched', 'deleted', 'lastModifiedBy', 'awsregion', 'recentCommands'])('not %s, which the toolkit keeps', (name) => {
    expect(thrownBy(() => plan(update({ [name]: 1 })))).toMatchObject({ code: 'INVALID_COMMAND', statusCode: 400, message: expect.stringContaining(name) });
    expect(thrownBy(() => plan({ intent: 'create', key, attributes: { [name]: 1 } }))).toMatchObject({ code: 'INVALID_COMMAND' });
  });

  it('but ttl, and the default name of an attribute that has another one', () => {
    expect(shown(update({ ttl: 5 })).update).toContain('ttl=5');
    expect(shown(update({ timestamp: 'mine' }), { attributes: { timestamp: 'changedAt' } }).update).toContain('timestamp="mine"');
  });

  it.each([
    [{ pk: 'other' }, 'attribute of the key'], [{ '': 1 }, ''], [JSON.parse('{"__proto__":1}') as object, '__proto__'], [{ a: () => 1 }, 'a function'],
    [{ a: NaN }, 'NaN'], [{ a: 2 ** 60 }, 'bigint'], [new Map([['a', 1]]), 'object of attributes'], ['text', 'object of attributes'], [null, 'null'],
  ])('not %p', (changes, message) => {
    expect(thrownBy(() => plan(update(changes as object)))).toMatchObject({ code: 'INVALID_COMMAND', statusCode: 400, message: expect.stringContaining(message) });
  });

  it.each([[{}], [{ pk: '' }], [{ a: 1, b: 2, c: 3 }], [{ pk: undefined }], [{ pk: true }], [{ timestamp: 1 }], [{ pk: 'a', discriminator: 'b' }], [null], ['a']])('not the key %p', (wrong) => {
    expect(thrownBy(() => plan({ ...update({}), key: wrong as never }))).toMatchObject({ code: 'INVALID_COMMAND', statusCode: 400 });
  });
});

describe('the next version', () => {
  it('is newer than the clock, the expected version and everything that is known', () => {
    const s = settings();
    expect(nextTimestamp(T, undefined, undefined, s)).toBe(T);
    expect(nextTimestamp(T - 100, undefined, T, s)).toBe(T + 1);
    expect(nextTimestamp(T, known({ timestamp: T + 9.5 }), T, s)).toBe(T + 10);
    expect(nextTimestamp(T, known({ timestamp: NumberValue.from(String(T + 4)) }), undefined, s)).toBe(T + 5);
    expect(nextTimestamp(T, known({ timestamp: BigInt(T + 4) }), undefined, settings({ version: 'counter' }))).toBe(T + 5);
  });

  it.each([['text', 'x'], ['a map', {}], ['beyond what has a next one', Number.MAX_SAFE_INTEGER], ['huge', 2n ** 70n]])('does not follow a timestamp that is %s, unless it is to be repaired', (_what, timestamp) => {
    const command = update({}, { version: undefined, known: known({ timestamp }) });
    expect(thrownBy(() => plan(command))).toMatchObject({ code: 'INVALID_ITEM', message: expect.stringContaining('timestamp') });
    expect(thrownBy(() => plan(command, { version: 'counter' }))).toMatchObject({ code: 'INVALID_ITEM' });
    const repaired = plan({ ...command, repairs: true });
    expect(repaired.version).toBe(T);
    expect(Object.values(repaired.request.input.ExpressionAttributeValues ?? {})).toContainEqual(timestamp); // and only over what was seen
  });

  it('of a function: text or number, another one, that fits a header', () => {
    const made = (version: (previous: unknown) => unknown) => plan(update({}, { version: 'v1', known: known({ version: 'v1' }) }), { version: version as never });
    expect(made(() => 'v2').version).toBe('v2');
    for (const wrong of ['v1', '', NaN, Infinity, 2 ** 53, undefined, {}, '\udc00', 'x'.repeat(2000)]) {
      expect(thrownBy(() => made(() => wrong))).toMatchObject({ code: 'INVALID_OPTION' });
    }
  });

  it('reads versions in any form that a client gives them; what is none is no version', () => {
    expect(storedVersion({ timestamp: NumberValue.from('5') }, settings())).toBe(5);
    expect(storedVersion({ timestamp: 5n }, settings())).toBe(5);
    for (const none of ['5', null, undefined, {}, true, 2n ** 60n]) expect(storedVersion({ timestamp: none }, settings())).toBeUndefined();
    expect(storedVersion({ version: 'a' }, settings({ version: () => 'b' }))).toBe('a');
    expect(storedVersion(Object.create({ timestamp: 5 }) as object, settings())).toBeUndefined();
  });
});

describe('recent commands', () => {
  const s = settings({ rememberCommands: 2 });
  const byName = settings({ version: () => 'x' });

  it('are the newest first, as many as there is room for', () => {
    expect(nextCommands(known({ recentCommands: ['a', 1, 'b', 2] }), 'c', 3, s)).toEqual(['c', 3, 'a', 1]);
    expect(nextCommands(undefined, 'c', 3, s)).toEqual(['c', 3]);
  });

  it('tell who was here and what it made; a version is never taken for an id', () => {
    const item = known({ recentCommands: nextCommands(known({ recentCommands: nextCommands(undefined, 'a', 'v1', byName) }), 'b', 'v2', byName) });
    expect([includesCommand(item, byName, 'a'), includesCommand(item, byName, 'v1'), includesCommand(undefined, byName, 'a')]).toEqual([true, false, false]);
    expect([versionMadeBy(item, byName, 'a'), versionMadeBy(item, byName, 'b'), versionMadeBy(item, byName, 'c')]).toEqual(['v1', 'v2', undefined]);
    expect((item['recentCommands'] as unknown[]).includes('v1')).toBe(false); // nor by the table's `contains`
  });

  it('would show a command when they reach back to before it', () => {
    const item = known({ recentCommands: ['a', T + 3, 'b', T, null, null] });
    expect(wouldRemember(item, s, T, T + 1)).toBe(true);
    expect(wouldRemember(item, s, T - 1, T + 1)).toBe(true);
    expect(wouldRemember(item, s, T - 9, T - 1)).toBe(false);
    expect(wouldRemember(item, s, undefined, T - 1)).toBe(false);
    expect(wouldRemember(known({ recentCommands: undefined }), s, T, T + 1)).toBe(false);
    expect(wouldRemember(known({ recentCommands: ['a', ['v2'], 'b', ['v1']] }), byName, 'v1', 'v9')).toBe(true);
    expect(wouldRemember(known({ recentCommands: ['a', 7] }), byName, 3, 9)).toBe(false); // versions of a function have no order
  });
});

describe('why the table refused', () => {
  const planned = (command: WriteCommand) => ({ command, id: 'me' });
  const s = settings();
  it.each([
    ['update', undefined, 'missing'], ['update', known({ deleted: true }), 'missing'], ['update', known({ timestamp: T }), 'conflict'],
    ['update', known(), 'again'], ['update', known({ deleted: false, timestamp: T, recentCommands: ['x', 1, 'me', 2] }), 'alreadyApplied'],
    ['update', known({ deleted: true, recentCommands: ['me', 2] }), 'alreadyApplied'],
    ['create', undefined, 'again'], ['create', known(), 'alreadyExists'], ['create', known({ deleted: true }), 'again'], ['create', known({ recentCommands: ['me', 1] }), 'alreadyApplied'],
  ] as const)('%s over %p: %s', (intent, old, why) => {
    expect(explain(planned(intent === 'create' ? { intent, key, attributes: {} } : update({})), old, s)).toBe(why);
  });
});

describe('options', () => {
  it.each([
    [{ version: 'random' }], [{ keepForDays: 0 }], [{ keepForDays: NaN }], [{ rememberCommands: 0 }], [{ rememberCommands: 17 }], [{ rememberCommands: 1.5 }],
    [{ attributes: { timestamp: 'deleted' } }], [{ attributes: { when: 'x' } }], [{ attributes: { ttl: '' } }], [{ discriminator: '' }], [{ discriminator: 5 }], [{ region: {} }],
  ])('not %p', (options) => {
    expect(thrownBy(() => settingsOf(options as never))).toMatchObject({ code: 'INVALID_OPTION' });
  });
});
