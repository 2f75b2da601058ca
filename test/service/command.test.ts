import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { RouteResponse } from '../../src/bff/http/http-api';
import type { Engine } from '../../src/replay/engines/engine';
import { describeEngines, freshTable } from '../support/engines';

type Call = (method: string, path: string, options?: { body?: object; headers?: Record<string, string> }) => Promise<RouteResponse & { readonly etag: string }>;

/** The function as Lambda has it: it is configured by its environment when it is loaded. */
const load = async (engine: Engine): Promise<Call> => {
  const { endpoint, region, credentials } = engine.connection;
  Object.assign(process.env, {
    ENTITY_TABLE_NAME: await freshTable(engine), AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_REGION: region, AWS_ACCESS_KEY_ID: credentials?.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials?.secretAccessKey,
  });
  jest.resetModules();
  const { handler } = await import('../../src/service/command');
  return async (method, path, { body, headers = {} } = {}) => {
    const answer = await handler({
      version: '2.0', routeKey: '$default', rawPath: path, rawQueryString: '', isBase64Encoded: false,
      headers: { 'content-type': 'application/json', ...headers }, ...(body && { body: JSON.stringify(body) }),
      requestContext: { stage: '$default', http: { method, path } },
    } as unknown as APIGatewayProxyEventV2, {} as Context);
    return { ...answer, etag: answer.headers?.['etag'] ?? '' };
  };
};

describeEngines('the rules of the house and If-Match', (engine) => {
  const saved = { ...process.env };
  let call: Call;
  beforeAll(async () => { call = await load(engine()); });
  afterAll(() => { process.env = saved; });

  const onSale = async (): Promise<{ path: string; etag: string }> => {
    const path = `/seats/s${randomUUID()}.A1`;
    const { etag } = await call('PUT', path, { body: { price: 1 }, headers: { 'if-none-match': '*' } });
    return { path, etag };
  };
  const hold = (path: string, customer: string, headers: Record<string, string> = {}) => call('POST', `${path}/hold`, { body: { customer }, headers });

  it.each(['without it', 'any version', 'the version and others'])('one of many gets the seat: %s', async (how) => {
    const { path, etag } = await onSale();
    const later = Array.from({ length: 40 }, (_none, i) => `"${Number(etag.slice(1, -1)) + i}"`).join(', ');
    const headers: Record<string, string> = how === 'without it' ? {} : { 'if-match': how === 'any version' ? '*' : later };
    const answers = await Promise.all(Array.from({ length: 8 }, (_none, i) => hold(path, `c${i}`, headers)));
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    expect(answers.filter(({ statusCode }) => statusCode === 409 || statusCode === 412)).toHaveLength(7);
  });

  it('says first that the client has not seen what it decides about, with the ETag of it', async () => {
    const { path, etag } = await onSale();
    const { etag: held } = await hold(path, 'ada');
    const late = await hold(path, 'bob', { 'if-match': etag });
    expect([late.statusCode, late.etag]).toEqual([412, held]);
    expect((await hold(path, 'bob', { 'if-match': held })).statusCode).toBe(409);
  });

  it('knows a command that comes again, although the rule would refuse it by now', async () => {
    const { path, etag } = await onSale();
    const headers = { 'if-match': etag, 'idempotency-key': randomUUID() };
    expect((await hold(path, 'ada', headers)).statusCode).toBe(200);
    expect((await call('POST', `${path}/release`, { body: { customer: 'ada' } })).statusCode).toBe(200);
    expect((await hold(path, 'bob')).statusCode).toBe(200);
    expect((await hold(path, 'ada', headers)).statusCode).toBe(200);
  });

  it('takes one Idempotency-Key for two actions as two commands', async () => {
    const { path } = await onSale();
    const headers = { 'idempotency-key': randomUUID() };
    expect((await hold(path, 'ada', headers)).statusCode).toBe(200);
    expect((await call('POST', `${path}/pay`, { body: { customer: 'ada' }, headers })).statusCode).toBe(200);
    expect(JSON.parse((await call('GET', path)).body ?? '')).toMatchObject({ status: 'paid' });
  });

  it('changes with If-Match what is as the client has seen it', async () => {
    const { path, etag } = await onSale();
    const held = await hold(path, 'ada', { 'if-match': etag });
    expect(held.statusCode).toBe(200);
    expect((await call('POST', `${path}/pay`, { body: { customer: 'ada' }, headers: { 'if-match': held.etag } })).statusCode).toBe(200);
    expect(JSON.parse((await call('GET', path)).body ?? '')).toMatchObject({ status: 'paid', customer: 'ada' });
    expect((await hold(`/seats/s${randomUUID()}.A1`, 'ada', { 'if-match': '*' })).statusCode).toBe(404);
  });
});
