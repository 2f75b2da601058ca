import fc from 'fast-check';
import { request } from 'node:http';
import type { HttpApiEvent } from '../../../src/service/local/http-event';
import { startGateway, type Gateway } from '../../../src/service/local/http-gateway';

let gateway: Gateway;
let event: HttpApiEvent | undefined;

beforeAll(async () => {
  gateway = await startGateway({ routes: { 'POST /seats/{id}/{act}': async (received) => {
    event = received;
    return { statusCode: 200, isBase64Encoded: true, body: Buffer.from(received.body ?? '', received.isBase64Encoded ? 'base64' : 'utf8').toString('base64') };
  } } });
});
afterAll(() => gateway.stop());

/** Past `fetch`, which has ideas of its own about paths and headers. */
const post = (path: string, headers: readonly string[], body: Uint8Array): Promise<Buffer> => new Promise((resolve, reject) => {
  request({ port: gateway.port, method: 'POST', path, headers: ['host', 'localhost', 'content-length', String(body.length), ...headers] }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks)));
  }).on('error', reject).end(body);
});

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
/** What a header may hold, without the white space at its ends, which is not a part of it. */
const headerValue = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);

it('hands over any parameter, query, header and body as they were meant', async () => {
  await fc.assert(fc.asyncProperty(
    text, text, fc.array(fc.tuple(text, text), { maxLength: 5 }), fc.array(headerValue, { minLength: 1, maxLength: 3 }), fc.uint8Array({ maxLength: 200 }), fc.boolean(),
    async (id, act, query, values, bytes, asText) => {
      const body = asText ? new Uint8Array(Buffer.from(Buffer.from(bytes).toString('utf8'))) : bytes;
      const sent = new URLSearchParams(query).toString();
      const path = `/seats/${encodeURIComponent(id)}/${encodeURIComponent(act)}${sent === '' ? '' : `?${sent}`}`;
      const headers = [...values.flatMap((value) => ['X-Any', value]), 'content-type', asText ? 'text/plain' : 'application/octet-stream'];
      const answer = await post(path, headers, body);

      expect(event?.pathParameters).toEqual({ id, act });
      expect(event?.rawPath).toBe(`/seats/${id}/${act}`);
      expect(event?.rawQueryString).toBe(sent);
      const joined = new Map<string, string>();
      for (const [name, value] of query) joined.set(name, joined.has(name) ? `${joined.get(name)},${value}` : value);
      expect(new Map(Object.entries(event?.queryStringParameters ?? {}))).toEqual(joined);
      expect(event?.headers['x-any']).toBe(values.join(','));
      expect(event?.isBase64Encoded).toBe(!asText && body.length > 0);
      expect(new Uint8Array(answer)).toEqual(body);
    },
  ), { numRuns: 300 });
});
