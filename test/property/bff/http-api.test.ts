import fc from 'fast-check';
import { httpApi } from '../../../src/bff';

const silent = { debug: () => {}, warn: () => {}, error: () => {} };
const handler = httpApi({
  'PUT /seats/{id}': ({ body, params, precondition }) => ({ body, params, precondition: precondition() }),
  'GET /{path+}': ({ query, commandId }) => ({ query, commandId }),
}, { logger: silent, maxBodyBytes: 50 });

const texts = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', '*', 'W/', ',', '%', '/', '{', '}', 'a', '1', '\u0000', '\ud800') }));
const paths = fc.oneof(texts, fc.array(texts).map((parts) => `/${parts.join('/')}`), texts.map((id) => `/seats/${id}`));
const events = fc.record({
  version: fc.constant('2.0'),
  routeKey: fc.constantFrom('$default', 'PUT /seats/{id}', 'nothing', '__proto__', 'constructor'),
  rawPath: paths,
  headers: fc.dictionary(fc.constantFrom('If-Match', 'if-none-match', 'idempotency-key', 'content-type', '__proto__'), texts),
  pathParameters: fc.dictionary(fc.constantFrom('id', '__proto__'), texts),
  queryStringParameters: fc.dictionary(texts, texts),
  isBase64Encoded: fc.boolean(),
  body: fc.oneof(texts, fc.json(), fc.base64String()),
  requestContext: fc.record({ stage: fc.constantFrom('$default', 'dev'), http: fc.record({ method: fc.constantFrom('GET', 'HEAD', 'PUT', 'DELETE') }) }),
}, { requiredKeys: ['requestContext', 'rawPath'] });

const isResponse = (response: { statusCode: number; body?: string }): void => {
  expect(response.statusCode).toBeGreaterThanOrEqual(200);
  expect(response.statusCode).toBeLessThan(600);
  if (response.body !== undefined) JSON.parse(response.body);
};

describe('httpApi', () => {
  it('has an answer for every request, and no request is a failure of the function', async () => {
    await fc.assert(fc.asyncProperty(events, async (event) => {
      const response = await handler(event as never, { getRemainingTimeInMillis: () => 1000 } as never);
      isResponse(response);
      expect(response.statusCode).toBeLessThan(500);
    }), { numRuns: 500 });
  });

  it('has an answer for what is no request at all', async () => {
    await fc.assert(fc.asyncProperty(fc.anything(), fc.anything(), async (event, context) => {
      isResponse(await handler(event as never, context as never));
    }), { numRuns: 500 });
  });
});
