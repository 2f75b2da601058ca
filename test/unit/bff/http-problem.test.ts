import {
  CommandError, DomainConflictError, ItemExistsError, ItemMissingError, OplockConflictError, preconditionOf, problemOf, toWebResponse, TransactionRejectedError,
  type HttpResponse, type Precondition,
} from '../../../src/bff';
import { OplockStreamError } from '../../../src/errors';

const key = { pk: 'secret-tenant', sk: 'A1' };
const item = { ...key, buyer: 'ann', timestamp: 17 };
const conflict = new OplockConflictError({ kind: 'conflict', key, expected: 5, current: item, version: 17, attempts: 1 });
const exists = new ItemExistsError({ kind: 'alreadyExists', key, current: item, version: 17, attempts: 1 });
const missing = new ItemMissingError({ kind: 'missing', key, expected: 5, attempts: 1 });
const ifMatch = preconditionOf({ 'if-match': '"5"' });
const create = preconditionOf({ 'if-none-match': '*' });

const bodyOf = ({ body }: HttpResponse) => JSON.parse(body ?? '');

describe('problemOf', () => {
  it('describes a conflict by RFC 9457, with the ETag of what is there', () => {
    const response = problemOf(conflict, { precondition: ifMatch, method: 'PUT', instance: '/seats/A1' });
    expect(response).toMatchObject({ statusCode: 412, headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', etag: '"17"' } });
    expect(bodyOf(response)).toEqual({
      type: 'about:blank', title: 'Precondition Failed', status: 412, code: 'OPLOCK_CONFLICT', instance: '/seats/A1',
      detail: expect.stringMatching(/^The item has changed/),
    });
  });

  it.each<[string, unknown, Precondition | undefined, string | undefined, number, string]>([
    ['a conflict', conflict, undefined, undefined, 412, 'OPLOCK_CONFLICT'],
    ['an item that exists', exists, undefined, 'POST', 409, 'ITEM_EXISTS'],
    ['an item that exists, where none was expected', exists, create, 'PUT', 412, 'ITEM_EXISTS'],
    ['a missing item', missing, undefined, 'PATCH', 404, 'ITEM_MISSING'],
    ['a missing item that PATCH could not have made', missing, ifMatch, 'PATCH', 404, 'ITEM_MISSING'],
    ['a missing item that DELETE could not have made', missing, ifMatch, 'DELETE', 404, 'ITEM_MISSING'],
    ['a missing item that PUT could have made', missing, ifMatch, 'PUT', 412, 'ITEM_MISSING'],
    ['a rule of the domain', new DomainConflictError('SEAT_HELD', 'held by somebody else'), ifMatch, 'PUT', 409, 'SEAT_HELD'],
    ['an invalid command', new CommandError('INVALID_COMMAND', 400, 'x'), undefined, 'PUT', 400, 'INVALID_COMMAND'],
    ['a transaction', new TransactionRejectedError([{ name: 'seat', key, kind: 'missing' }]), undefined, 'POST', 404, 'TRANSACTION_REJECTED'],
    ['an error of a framework', Object.assign(new Error('no'), { status: 403, code: 'FORBIDDEN' }), undefined, 'PUT', 403, 'FORBIDDEN'],
    ['an error with both fields', Object.assign(new Error('no'), { status: 200, statusCode: 422, code: 'X' }), undefined, 'PUT', 422, 'X'],
    ['throttling', Object.assign(new Error('slow down'), { name: 'ThrottlingException', $fault: 'client' }), undefined, 'PUT', 503, 'UNAVAILABLE'],
    ['an aborted request', Object.assign(new Error('aborted'), { name: 'AbortError' }), undefined, 'PUT', 503, 'UNAVAILABLE'],
    ['a command that was stopped', new CommandError('COMMAND_STOPPED', 503, 'x'), undefined, 'PUT', 503, 'COMMAND_STOPPED'],
    ['a missing permission', Object.assign(new Error('arn'), { name: 'AccessDeniedException', $metadata: {} }), undefined, 'PUT', 500, 'INTERNAL'],
    ['a bug', new TypeError('x is not a function'), undefined, 'PUT', 500, 'INTERNAL'],
    ['an option that is wrong', new OplockStreamError('INVALID_OPTION', 'x'), undefined, 'PUT', 500, 'INTERNAL'],
    ['a thrown text', 'text', undefined, 'PUT', 500, 'INTERNAL'],
    ['nothing at all', undefined, undefined, 'PUT', 500, 'INTERNAL'],
  ])('%s', (_what, error, precondition, method, status, code) => {
    const response = problemOf(error, { precondition, method });
    expect(response.statusCode).toBe(status);
    expect(bodyOf(response)).toMatchObject({ status, code, detail: expect.any(String) });
  });

  it('reads method and precondition of the request, whosever it is', () => {
    const put = { method: 'PUT', headers: { 'if-match': '"5"' } };
    for (const request of [put, new Request('http://localhost/', put), { ...put, headers: new Map(Object.entries(put.headers)) }]) {
      expect(problemOf(missing, { request })).toMatchObject({ statusCode: 412 });
    }
    expect(problemOf(missing, { request: { ...put, method: 'PATCH' } })).toMatchObject({ statusCode: 404 });
    expect(problemOf(missing, { request: { method: 'PUT', headers: { 'if-match': 'unreadable' } } })).toMatchObject({ statusCode: 404 });
    expect(problemOf(exists, { request: { method: 'PUT', headers: { 'if-none-match': '*' } } })).toMatchObject({ statusCode: 412 });
  });

  it('says when it is worth another try', () => {
    expect(problemOf(Object.assign(new Error(), { name: 'ThrottlingException' })).headers['retry-after']).toBe('1');
    expect(problemOf(new CommandError('TRANSACTION_BUSY', 503, 'x')).headers['retry-after']).toBe('1');
    expect(problemOf(new Error()).headers).not.toHaveProperty('retry-after');
  });

  it.each([
    ['an error without a status', new Error('secret')],
    ['a refusal by the table', Object.assign(new Error('secret'), { name: 'ValidationException', $fault: 'client', $metadata: { httpStatusCode: 400 }, statusCode: 400 })],
    ['an error that says it is not to be shown', Object.assign(new Error('secret'), { statusCode: 400, expose: false })],
    ['a status of the server', Object.assign(new Error('secret'), { statusCode: 502 })],
    ['a status of a server behind us', Object.assign(new Error('secret'), { statusCode: 503 })],
    ['a status that is none', Object.assign(new Error('secret'), { statusCode: '404' })],
    ['a transient failure', Object.assign(new Error('secret'), { name: 'TimeoutError' })],
    ['an error whose fields throw', Object.defineProperty(new Error('secret'), 'statusCode', { get: () => { throw new Error('secret'); } })],
    ['a key', conflict], ['a key', exists], ['a key', missing],
  ])('keeps to itself: %s', (_what, error) => {
    expect(JSON.stringify(problemOf(error, { precondition: ifMatch, method: 'PUT' }))).not.toContain('secret');
  });

  it('shows what is there only when told how', () => {
    expect(bodyOf(problemOf(conflict))).not.toHaveProperty('current');
    expect(bodyOf(problemOf(conflict, { expose: ({ buyer }) => ({ buyer }) })).current).toEqual({ buyer: 'ann' });
    expect(bodyOf(problemOf(missing, { expose: () => 'x' }))).not.toHaveProperty('current');
  });

  it('is not impressed by an `expose` that fails', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    expect(problemOf(conflict, { expose: () => { throw new Error('secret'); } })).toMatchObject({ statusCode: 500 });
    expect(problemOf(conflict, { expose: () => circular })).toMatchObject({ statusCode: 500 });
  });

  it('says when it does not know whether the command was applied', () => {
    const facts = { key, expected: 5, current: item, version: 17, attempts: 2, uncertain: true } as const;
    for (const error of [new OplockConflictError({ kind: 'conflict', ...facts }), new ItemExistsError({ kind: 'alreadyExists', ...facts }), new ItemMissingError({ kind: 'missing', ...facts })]) {
      expect(bodyOf(problemOf(error))).toMatchObject({ uncertain: true, detail: expect.stringContaining('not known') });
    }
    for (const error of [conflict, exists, missing]) expect(bodyOf(problemOf(error))).not.toHaveProperty('uncertain');
  });

  it('names the participants that refused', () => {
    const error = new TransactionRejectedError([{ name: 'seat', key, kind: 'conflict', current: item, version: 17 }, { name: 'show', key, kind: 'missing' }]);
    expect(problemOf(error)).toMatchObject({ statusCode: 412 });
    expect(bodyOf(problemOf(error)).refusals).toEqual([{ name: 'seat', kind: 'conflict', etag: '"17"' }, { name: 'show', kind: 'missing' }]);
  });

  it('has types of its own where a prefix says so', () => {
    expect(bodyOf(problemOf(conflict, { typePrefix: 'https://example.com/problems/' })).type).toBe('https://example.com/problems/oplock-conflict');
  });

  it('leaves out the ETag of a version that no ETag can be made of', () => {
    expect(problemOf(Object.assign(new Error('no'), { statusCode: 400, version: '\ud800' }))).toMatchObject({ statusCode: 400, headers: expect.not.objectContaining({ etag: expect.anything() }) });
  });
});

describe('toWebResponse', () => {
  it('is the same for fetch', async () => {
    const response = toWebResponse(problemOf(conflict));
    expect([response.status, response.headers.get('etag'), JSON.parse(await response.text()).code]).toEqual([412, '"17"', 'OPLOCK_CONFLICT']);
    expect(await toWebResponse({ statusCode: 204, headers: {} }).text()).toBe('');
  });
});

it('gives an error of another library, which has no code, that of its status', () => {
  const problem = problemOf(Object.assign(new Error('Unexpected token'), { statusCode: 400 }));
  expect(JSON.parse(problem.body ?? '')).toMatchObject({ status: 400, code: 'BAD_REQUEST', detail: 'Unexpected token' });
});
