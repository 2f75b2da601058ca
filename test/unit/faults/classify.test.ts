import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ConditionalCheckFailedException, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { OplockStreamError } from '../../../src/errors';
import { classifyError } from '../../../src/faults/classify';

const named = (name: string, more: object = {}): Error => Object.assign(new Error('x'), { name }, more);

describe('by name and code', () => {
  it.each([
    'ProvisionedThroughputExceededException', 'ThrottlingException', 'RequestLimitExceeded', 'TooManyRequestsException',
    'SlowDown', 'TransactionConflictException', 'TransactionInProgressException', 'InternalServerError',
    'ServiceUnavailableException', 'ServiceUnavailable', 'TimeoutError', 'RequestTimeout', 'AbortError', 'NetworkingError',
    'ExpiredTokenException', 'ExpiredToken', 'RequestExpired', 'RequestTimeTooSkewed', 'ReplicatedWriteConflictException',
  ])('%s is transient', (name) => {
    expect(classifyError(named(name))).toBe('transient');
    expect(classifyError({ Code: name, Message: 'an error of one statement of a batch' })).toBe('transient');
    expect(classifyError({ __type: `com.amazonaws.dynamodb.v20120810#${name}` })).toBe('transient');
  });

  it.each(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'])('socket code %s is transient', (code) => {
    expect(classifyError(named('Error', { code }))).toBe('transient');
  });

  it.each([
    'AccessDeniedException', 'ResourceNotFoundException', 'UnrecognizedClientException', 'CredentialsProviderError',
    'InvalidSignatureException', 'MissingAuthenticationToken', 'ResourceNotFound', 'AccessDenied', 'NO_TABLE',
  ])('%s is a matter of configuration', (name) => {
    expect(classifyError(named(name))).toBe('configuration');
  });

  it.each([
    'ValidationException', 'ValidationError', 'ItemCollectionSizeLimitExceededException', 'TypeError', 'SyntaxError',
    'IdempotentParameterMismatchException', 'DuplicateItemException', 'SerializationException', 'Error', '',
  ])('"%s" is permanent', (name) => {
    expect(classifyError(named(name))).toBe('permanent');
  });
});

describe('by the marks of the SDK', () => {
  it.each([500, 502, 503, 504, 429, 408])('status %d is transient', (httpStatusCode) => {
    expect(classifyError(named('Whatever', { $metadata: { httpStatusCode } }))).toBe('transient');
  });

  it.each([400, 413, 200])('status %d says nothing', (httpStatusCode) => {
    expect(classifyError(named('Whatever', { $fault: 'client', $metadata: { httpStatusCode } }))).toBe('permanent');
  });

  it('takes a server fault and the retryable mark, also without content', () => {
    expect(classifyError(named('Whatever', { $fault: 'server' }))).toBe('transient');
    expect(classifyError(named('Whatever', { $retryable: {} }))).toBe('transient');
    expect(classifyError(named('Whatever', { $retryable: undefined }))).toBe('permanent');
  });

  it('knows every exception class of the DynamoDB client that says it is retryable or the server\'s fault', () => {
    const classes = Object.values(dynamodb).filter(
      (value): value is typeof ConditionalCheckFailedException =>
        typeof value === 'function' && value.prototype instanceof dynamodb.DynamoDBServiceException,
    );
    const errors: dynamodb.DynamoDBServiceException[] = classes.map((Exception) => new Exception({ message: 'x', $metadata: {} }));
    expect(errors.length).toBeGreaterThan(20);
    for (const error of errors) {
      const throttled = /Throughput|Throttling|RequestLimit|TransactionConflict|TransactionInProgress|ReplicatedWrite/.test(error.name);
      if (error.$fault === 'server' || throttled) expect([error.name, classifyError(error)]).toEqual([error.name, 'transient']);
    }
  });
});

describe('nested errors', () => {
  it('looks into causes and aggregates', () => {
    const refused = named('Error', { code: 'ECONNREFUSED' });
    expect(classifyError(new TypeError('fetch failed', { cause: refused }))).toBe('transient');
    expect(classifyError(new AggregateError([new TypeError('x'), new Error('y', { cause: refused })]))).toBe('transient');
    expect(classifyError(new AggregateError([new TypeError('x'), named('AccessDenied')]))).toBe('configuration');
    expect(classifyError(new OplockStreamError('MAPPING_FAILED', 'x', { cause: new TypeError('y') }))).toBe('permanent');
  });

  it('looks into the reasons of a cancelled transaction', () => {
    const cancelled = (...codes: string[]) =>
      named('TransactionCanceledException', { $fault: 'client', CancellationReasons: codes.map((Code) => ({ Code })) });
    expect(classifyError(cancelled('None', 'TransactionConflict'))).toBe('transient');
    expect(classifyError(cancelled('ThrottlingError', 'None'))).toBe('transient');
    expect(classifyError(cancelled('None', 'ValidationError'))).toBe('permanent');
    expect(classifyError(cancelled('ConditionalCheckFailed'))).toBe('permanent');
  });

  it('reads through the wrapper in which the SDK puts what it does not take for an Error', () => {
    const wrapped = (error: unknown) => classifyError(new Error(`AWS SDK error wrapper for ${error}`));
    expect(wrapped(new Error('connect ECONNREFUSED 127.0.0.1:8000'))).toBe('transient');
    expect(wrapped(named('TimeoutError'))).toBe('transient');
    expect(wrapped(new TypeError('key must be a string'))).toBe('permanent');
    expect(classifyError(new Error('the event says ECONNREFUSED'))).toBe('permanent');
  });

  it('survives circles and endless chains', () => {
    const circle = new Error('a');
    circle.cause = new Error('b', { cause: circle });
    expect(classifyError(circle)).toBe('permanent');
    class Endless extends Error {
      override get cause(): Error { return new Endless(); }
    }
    expect(classifyError(new Endless())).toBe('permanent');
  });

  it('never throws and knows three answers, whatever is thrown', () => {
    const hostile = new Proxy({}, { get: () => { throw new Error('no'); } });
    expect(classifyError(hostile)).toBe('permanent');
    fc.assert(fc.property(fc.anything({ withBigInt: true, withMap: true, withNullPrototype: true }), (thrown) => {
      expect(['transient', 'configuration', 'permanent']).toContain(classifyError(thrown));
    }));
  });
});

describe('what real clients throw', () => {
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const get = (config: dynamodb.DynamoDBClientConfig): Promise<unknown> => {
    const client = new DynamoDBClient({ region: 'eu-west-1', maxAttempts: 1, credentials, ...config });
    return client.send(new GetItemCommand({ TableName: 't', Key: { pk: { S: '1' } } })).catch((error: unknown) => error);
  };
  const withServer = async <T>(answer: (req: import('node:http').IncomingMessage, res: import('node:http').ServerResponse) => void, use: (endpoint: string) => Promise<T>): Promise<T> => {
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  };
  const json = (status: number, type: string) => (_: unknown, res: import('node:http').ServerResponse) => {
    res.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
    res.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'x' }));
  };

  it.each([
    ['a lost connection', (req: import('node:http').IncomingMessage) => { req.socket.destroy(); }, 'transient'],
    ['an answer that is not JSON with 503', (_: unknown, res: import('node:http').ServerResponse) => { res.writeHead(503); res.end('<html>'); }, 'transient'],
    ['throttling', json(400, 'ThrottlingException'), 'transient'],
    ['a missing table', json(400, 'ResourceNotFoundException'), 'configuration'],
    ['no permission', json(400, 'AccessDeniedException'), 'configuration'],
    ['a refused request', json(400, 'ValidationException'), 'permanent'],
  ] as const)('%s', async (_, answer, expected) => {
    const error = await withServer(answer, (endpoint) => get({ endpoint }));
    expect(error).toBeInstanceOf(Error);
    expect(classifyError(error)).toBe(expected);
  });

  it('a closed port, missing credentials, a missing region', async () => {
    const closed = await withServer(() => {}, async (endpoint) => endpoint);
    expect(classifyError(await get({ endpoint: closed }))).toBe('transient');
    const none = () => Promise.reject(Object.assign(new Error('Could not load credentials from any providers'), { name: 'CredentialsProviderError' }));
    expect(classifyError(await get({ credentials: none }))).toBe('configuration');
    expect(classifyError(new Error('Region is missing'))).toBe('configuration');
  });

  it('timeouts of fetch', async () => {
    const error = await withServer(() => {}, (endpoint) => fetch(endpoint, { signal: AbortSignal.timeout(20) }).catch((e: unknown) => e));
    expect(error).toBeDefined();
    expect(classifyError(error)).toBe('transient');
  });
});
