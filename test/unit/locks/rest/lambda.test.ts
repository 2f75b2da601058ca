import type { Context } from 'aws-lambda';
import { json, type RestRequest } from '../../../../src/locks/rest/http';
import { lockServiceHandler, type GatewayEvent } from '../../../../src/locks/rest/lambda';

const asked: RestRequest[] = [];
const handler = lockServiceHandler({ handle: async (request) => { asked.push(request); return json(200, {}); } });
const context = (ms: number): Context => ({ getRemainingTimeInMillis: () => ms }) as unknown as Context;

const call = async (event: object, ms = 20_000): Promise<RestRequest> => {
  await handler(event as GatewayEvent, context(ms));
  return asked.at(-1) as RestRequest;
};

const v2 = (more: object = {}, stage = '$default') => ({
  version: '2.0', rawPath: '/locks/a:b/renew', headers: { 'Lock-Token': 'T' }, queryStringParameters: { wait: '5s' }, isBase64Encoded: false, body: '{"ttlMs":5000}',
  requestContext: { stage, http: { method: 'POST' } }, ...more,
});
const v1 = (more: object = {}) => ({
  httpMethod: 'PUT', path: '/locks/job', headers: { 'Idempotency-Key': 'K' }, queryStringParameters: null, isBase64Encoded: false, body: null,
  requestContext: { stage: 'prod', path: '/prod/locks/job' }, ...more,
});

it('takes events of an HTTP API', async () => {
  const event = v2();
  expect(await call(event)).toMatchObject({ method: 'POST', segments: ['locks', 'a:b', 'renew'], headers: { 'lock-token': 'T' }, query: { wait: '5s' }, body: '{"ttlMs":5000}', raw: event });
  expect(await call(v2({ rawPath: '/', body: undefined, queryStringParameters: undefined }))).toMatchObject({ segments: [], query: {}, body: undefined });
});

it('takes the stage for what it is, but not the name of a lock for a stage', async () => {
  expect(await call(v2({ rawPath: '/prod/locks/x' }, 'prod'))).toMatchObject({ segments: ['locks', 'x'], basePath: '/prod' });
  expect(await call(v2({ rawPath: '/locks/x' }, 'prod'))).toMatchObject({ segments: ['locks', 'x'] });
  expect(await call(v2({ rawPath: '/prod' }, 'prod'))).toMatchObject({ segments: [] });
  expect(await call(v2({ rawPath: '/production/x' }, 'prod'))).toMatchObject({ segments: ['production', 'x'] });
});

it('takes events of a REST API', async () => {
  expect(await call(v1())).toMatchObject({ method: 'PUT', segments: ['locks', 'job'], basePath: '/prod', headers: { 'idempotency-key': 'K' }, query: {}, body: undefined });
  expect((await call(v1({ requestContext: { stage: 'prod', path: '/locks/job' } }))).basePath).toBeUndefined(); // a domain of one's own
});

it('decodes a body that is sent as base64', async () => {
  expect((await call(v2({ body: Buffer.from('{"a":"ü"}').toString('base64'), isBase64Encoded: true }))).body).toBe('{"a":"ü"}');
});

it('has as much time as the function and API Gateway have', async () => {
  expect([(await call(v2(), 10_000)).remainingMs?.(), (await call(v2(), 900_000)).remainingMs?.()]).toEqual([10_000, 29_000]);
});

it('says what is no event of API Gateway', async () => {
  await expect(call({ Records: [] })).rejects.toMatchObject({ code: 'WRONG_EVENT' });
});
