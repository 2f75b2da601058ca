import { NumberValueImpl } from '@aws-sdk/util-dynamodb';
import { CommandError, conditionalGet, createCommands, etagOf, orThrow, preconditionOf, toHttp, type CommandResult, type HttpResponse, type Item } from '../../../src/bff';

interface Seat { readonly buyer: string }
const commands = createCommands<Seat>({ tableName: 'seats', region: 'local' });
const key = { pk: 'show', sk: 'A1' };
const item: Item<Seat> = { ...key, buyer: 'ann', timestamp: 17, lastModifiedBy: 'ann', awsregion: 'local', recentCommands: ['c', 17] };
const applied: CommandResult<Seat> = { kind: 'applied', key, item, version: 17, attempts: 1 };
const ifMatch = preconditionOf({ 'if-match': '"5"' });
const create = preconditionOf({ 'if-none-match': '*' });
const bodyOf = ({ body }: HttpResponse) => JSON.parse(body ?? '');

describe('toHttp', () => {
  it('answers with ETag and item, without the toolkit\'s own attributes', () => {
    const response = toHttp(applied, { commands, precondition: ifMatch, method: 'PUT' });
    expect(response).toEqual({
      statusCode: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-cache', etag: '"17"' },
      body: expect.any(String),
    });
    expect(bodyOf(response)).toEqual({ ...key, buyer: 'ann' });
  });

  it('answers a repeated command as the first time', () => {
    const again: CommandResult<Seat> = { ...applied, kind: 'alreadyApplied' };
    for (const options of [{ commands, precondition: create, method: 'PUT' }, { commands, method: 'DELETE' }, { commands, created: true, location: '/seats/A1' }]) {
      expect(toHttp(again, options)).toEqual(toHttp(applied, options));
    }
  });

  it('says that something was created', () => {
    expect(toHttp(applied, { commands, precondition: create })).toMatchObject({ statusCode: 201 });
    expect(toHttp(applied, { commands, created: true, location: '/seats/A1' })).toMatchObject({ statusCode: 201, headers: { location: '/seats/A1' } });
    expect(toHttp(applied, { commands, request: { method: 'PUT', headers: { 'If-None-Match': '*' } } })).toMatchObject({ statusCode: 201 });
    expect(toHttp(applied, { commands, precondition: create, created: false })).toMatchObject({ statusCode: 200 });
  });

  it('is not confused by an attribute that is named toJSON', () => {
    const odd = { ...applied, item: { ...item, toJSON: 'x', big: 2n ** 64n, inner: { toJSON: null, sizes: new Set(['a']) } } };
    expect(bodyOf(toHttp(odd, { commands }))).toMatchObject({ toJSON: 'x', big: '18446744073709551616', inner: { toJSON: null, sizes: ['a'] } });
  });

  it('has nothing to say about what was deleted', () => {
    for (const options of [{ method: 'DELETE', precondition: ifMatch }, { request: { method: 'DELETE' } }]) {
      expect(toHttp(applied, { commands, ...options })).toEqual({ statusCode: 204, headers: {} });
    }
  });

  it('makes a problem of what was refused', () => {
    const conflict = toHttp<Seat>({ kind: 'conflict', key, expected: 5, current: item, version: 18, attempts: 1 }, { commands, precondition: ifMatch, expose: ({ buyer }) => ({ buyer }) });
    expect(conflict).toMatchObject({ statusCode: 412, headers: { etag: '"18"' } });
    expect(bodyOf(conflict)).toMatchObject({ code: 'OPLOCK_CONFLICT', current: { buyer: 'ann' } });
    expect(toHttp<Seat>({ kind: 'alreadyExists', key, current: item, version: 18, attempts: 1 }, { commands, precondition: create })).toMatchObject({ statusCode: 412 });
    expect(toHttp<Seat>({ kind: 'missing', key, expected: 5, attempts: 1 }, { commands, method: 'PATCH' })).toMatchObject({ statusCode: 404 });
  });

  it('leaves body and caching to the caller', () => {
    const response = toHttp(applied, { commands, body: ({ buyer }) => [buyer], cacheControl: 'private, no-cache' });
    expect([response.body, response.headers['cache-control']]).toEqual(['["ann"]', 'private, no-cache']);
  });

  it('writes JSON of everything that a table holds', () => {
    const held = {
      set: new Set(['a']), bytes: Uint8Array.of(1, 2), buffer: Buffer.from('a'), big: NumberValueImpl.from('12345678901234567890'), small: NumberValueImpl.from('5'),
      bigint: 2n ** 64n, map: new Map([['x', new Set([1])]]), list: [null, { deep: 1n }], at: new Date(0),
    };
    expect(bodyOf(toHttp(applied, { commands, body: () => held }))).toEqual({
      set: ['a'], bytes: 'AQI=', buffer: 'YQ==', big: '12345678901234567890', small: 5, bigint: '18446744073709551616', map: { x: [1] }, list: [null, { deep: 1 }], at: '1970-01-01T00:00:00.000Z',
    });
  });
});

describe('a `body` that throws', () => {
  const fail = (error: Error) => (): never => { throw error; };

  it('is not hidden in a 500 that nobody logs', () => {
    const bug = new TypeError('a bug');
    expect(() => toHttp(applied, { commands, body: fail(bug) })).toThrow(bug);
    expect(() => conditionalGet(item, {}, { commands, body: fail(bug) })).toThrow(bug);
  });

  it('may say what the client did wrong', () => {
    const body = fail(new CommandError('GONE', 410, 'the show is over'));
    expect([toHttp(applied, { commands, body }).statusCode, conditionalGet(item, {}, { commands, body }).statusCode]).toEqual([410, 410]);
  });
});

it('orThrow refuses a promise that nobody has awaited', () => {
  expect(() => orThrow(Promise.resolve(applied) as never)).toThrow(expect.objectContaining({ code: 'INVALID_COMMAND' }));
});

describe('conditionalGet', () => {
  const get = (headers: Record<string, string>, of: Item<Seat> | undefined = item, method = 'GET') => conditionalGet(of, headers, { commands, method });

  it('answers with the item', () => {
    const response = get({});
    expect(response).toMatchObject({ statusCode: 200, headers: { etag: etagOf(17), 'cache-control': 'no-cache' } });
    expect(bodyOf(response)).toEqual({ ...key, buyer: 'ann' });
  });

  it.each<[Record<string, string>, number]>([
    [{ 'if-none-match': '"17"' }, 304],
    [{ 'if-none-match': 'W/"17"' }, 304],
    [{ 'if-none-match': '"16", W/"17"' }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"16"' }, 200],
    [{ 'if-match': '"17"' }, 200],
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': 'W/"17"' }, 412],
    [{ 'if-match': '"16"' }, 412],
    [{ 'if-match': '"17"', 'if-none-match': '"17"' }, 304],
    [{ 'if-match': '"16"', 'if-none-match': '"17"' }, 412],
    [{ 'if-none-match': '17' }, 400],
  ])('%j: %i', (headers, status) => {
    expect(get(headers).statusCode).toBe(status);
  });

  it('says with 304 what 200 would have said, but for the content', () => {
    expect(get({ 'if-none-match': '"17"' })).toEqual({ statusCode: 304, headers: { etag: '"17"', 'cache-control': 'no-cache' } });
  });

  it('tells with 412 which version there is', () => {
    expect(get({ 'if-match': '"16"' }).headers['etag']).toBe('"17"');
  });

  it('has no item to compare with when there is none', () => {
    const read = (headers: Record<string, string>) => conditionalGet<Seat>(undefined, headers, { commands });
    for (const headers of [{}, { 'if-none-match': '*' }, { 'if-match': '"17"' }]) expect(read(headers).statusCode).toBe(404);
  });

  it('compares an item without a version with nothing', () => {
    const unversioned = { ...key, buyer: 'ann' };
    expect(get({}, unversioned)).toMatchObject({ statusCode: 200, headers: expect.not.objectContaining({ etag: expect.anything() }) });
    expect(get({ 'if-none-match': '"17"' }, unversioned).statusCode).toBe(200);
    expect(get({ 'if-match': '"17"' }, unversioned).statusCode).toBe(412);
    expect(get({ 'if-match': '*' }, unversioned).statusCode).toBe(200);
  });

  it('sends HEAD the headers only', () => {
    for (const headers of [{}, { 'if-match': '"16"' }]) {
      const { body, ...rest } = get(headers);
      expect(body).toBeDefined();
      expect(get(headers, item, 'HEAD')).toEqual(rest);
    }
  });
});
