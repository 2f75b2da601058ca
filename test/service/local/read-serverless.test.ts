import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readServerless } from '../../../src/service/local/read-serverless';

const ROOT = join(__dirname, '..', '..', '..');

const read = (yml: string): ReturnType<typeof readServerless> => {
  const folder = mkdtempSync(join(tmpdir(), 'oplock-yml-'));
  try {
    writeFileSync(join(folder, 'serverless.yml'), yml);
    return readServerless(join(folder, 'serverless.yml'));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

describe('the serverless.yml of the project', () => {
  const { service, stage, functions, tables, streams } = readServerless(join(ROOT, 'serverless.yml'), { stage: 'test' });
  const byName = Object.fromEntries(functions.map((one) => [one.name, one]));

  it('has four functions with their environment', () => {
    expect([service, stage, functions.map(({ functionName }) => functionName)]).toEqual(['seats', 'test', ['seats-test-command', 'seats-test-trigger', 'seats-test-listener', 'seats-test-locks']]);
    expect(byName['command']?.environment).toEqual({
      METRICS_NAMESPACE: 'seats/test', FAULT_QUEUE_URL: { resource: 'Faults' }, ENTITY_TABLE_NAME: { resource: 'Seats' }, VIEW_TABLE_NAME: { resource: 'BoxOffice' },
    });
    expect(byName['trigger']?.environment).toMatchObject({ STREAM_NAME: { resource: 'Events' } });
    expect(byName['command']).toMatchObject({ file: '.build/command', exportName: 'handler', timeoutSeconds: 10, memoryMB: 512 });
  });

  it('has the routes of the command function', () => {
    expect(byName['command']?.routes).toEqual(expect.arrayContaining(['PUT /seats/{id}', 'POST /seats/{id}/hold', 'GET /shows/{show}/seats']));
    expect(byName['listener']?.routes).toEqual([]);
  });

  it('has the mappings, with filters as Lambda takes them', () => {
    expect(byName['trigger']?.streams).toEqual([expect.objectContaining({
      type: 'dynamodb', source: { resource: 'Seats', attribute: 'StreamArn' }, onFailure: { resource: 'FailedRecords', attribute: 'Arn' },
    })]);
    const settings = byName['listener']?.streams[0]?.settings;
    expect(settings).toMatchObject({ functionResponseTypes: ['ReportBatchItemFailures'], bisectBatchOnFunctionError: true, startingPosition: 'TRIM_HORIZON' });
    expect(settings?.filterCriteria).toEqual({ filters: [{ pattern: '{"data":{"type":[{"prefix":"seat-"}]}}' }] });
  });

  it('has the tables and the stream', () => {
    const key = { partitionKey: { name: 'pk', type: 'S' }, sortKey: { name: 'sk', type: 'S' } };
    expect(tables).toEqual([
      { resource: 'Seats', ...key, stream: 'NEW_AND_OLD_IMAGES', ttlAttribute: 'ttl' },
      { resource: 'BoxOffice', ...key, ttlAttribute: 'ttl' },
      { resource: 'Locks', partitionKey: { name: 'key', type: 'S' }, ttlAttribute: 'ttl' },
    ]);
    expect(streams).toEqual([{ resource: 'Events' }]);
  });
});

describe('any serverless.yml', () => {
  it('gets the defaults of the framework and of Lambda', () => {
    const { functions: [one] } = read(`
service: small
provider: { name: aws }
functions:
  f:
    handler: out/a.b.run
    events:
      - httpApi: 'get /things/{id}'
      - httpApi: '*'
      - stream: { type: kinesis, arn: !GetAtt [S, Arn] }
`);
    expect(one).toMatchObject({ file: 'out/a.b', exportName: 'run', timeoutSeconds: 6, memoryMB: 1024, routes: ['GET /things/{id}', '$default'] });
    expect(one?.streams[0]?.source).toEqual({ resource: 'S', attribute: 'Arn' });
    expect(one?.streams[0]?.settings).toEqual({
      batchSize: 10, maximumBatchingWindowInSeconds: 0, parallelizationFactor: 1, maximumRetryAttempts: -1, maximumRecordAgeInSeconds: -1,
      bisectBatchOnFunctionError: false, functionResponseTypes: [], startingPosition: 'TRIM_HORIZON',
    });
  });

  it('resolves variables within text and through others, and leaves those of CloudFormation', () => {
    const { functions: [one] } = read(`
service: small
custom: { a: 'x-\${self:custom.b}', b: '\${sls:stage}' }
provider: { name: aws, environment: { A: 'in \${self:custom.a} and \${AWS::Region}', R: "\${opt:other, 'fallback'}" } }
functions: { f: { handler: a.b } }
`);
    expect(one?.environment).toEqual({ A: 'in x-dev and ${AWS::Region}', R: 'fallback' });
  });

  it.each([
    ['a variable without a value', "service: s\nprovider: { name: aws, environment: { A: '${self:custom.a}' } }\n", /self:custom\.a/],
    ['a variable that needs itself', "service: s\ncustom: { a: '${self:custom.a}' }\nprovider: { name: aws }\n", /needs itself/],
    ['a reference that cannot be resolved', "service: s\nprovider: { name: aws, environment: { A: !Join ['', [a]] } }\nfunctions: { f: { handler: a.b } }\n", /environment\.A/],
    ['a file without a provider', 'service: s\n', /provider/],
  ])('refuses %s', (_what, yml, message) => {
    expect(() => read(yml)).toThrow(expect.objectContaining({ code: 'INVALID_SERVICE', message: expect.stringMatching(message) }));
  });
});
