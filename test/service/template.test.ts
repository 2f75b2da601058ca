import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApi } from '../../src/locks/rest/openapi';
import { contextOf } from '../../src/locks/rest/options';
import { recordSettled } from '../../src/metrics/outcome-metrics';
import { emf } from '../../src/metrics/emf';
import { OUTCOME_KINDS, type Outcome } from '../../src/outcome';
import { readServerless } from '../../src/service/local/read-serverless';
import type { Settled } from '../../src/settled';
import { readEmf } from '../unit/metrics/emf-lines';
import { metricOfRow, metricsOfAlarm, ofType, referencesOf, type MetricName, type Resource, type Statement, type Template } from './support/template';
import { readZip } from './support/zip';

/**
 * What `npm run package` makes, once, in a folder of its own. No credentials, an empty home, and an AWS that nobody
 * answers for: whatever asked it would fail.
 */
const ROOT = join(__dirname, '..', '..');
/** The SDK has something to say about Node 20. */
const QUIET = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
const FUNCTIONS = ['command', 'trigger', 'listener', 'locks'] as const;
/** A key whose hash anybody may know. */
const LOCKS = { LOCK_TABLE_NAME: 'l', LOCK_KEYS: JSON.stringify([{ id: 'a', sha256: '0'.repeat(64) }]), LOCK_SECRET: 'x'.repeat(32) };
const logicalId = (name: string): string => `${name[0]?.toUpperCase()}${name.slice(1)}`;

let folder: string;
let template: Template;
let resource: (name: string) => Resource;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oplock-service-'));
  execFileSync(process.execPath, [join(ROOT, 'scripts/service/package.mjs'), '--to', folder, '--stage', 'test'], {
    env: { PATH: process.env['PATH'], HOME: folder, AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_EC2_METADATA_DISABLED: 'true', ...QUIET }, stdio: 'pipe',
  });
  template = JSON.parse(readFileSync(join(folder, '.serverless/cloudformation-template-update-stack.json'), 'utf8')) as Template;
  resource = (name) => {
    const found = template.Resources[name];
    if (!found) throw new Error(`the template has no ${name}`);
    return found;
  };
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('refers to nothing that it does not have', () => {
  const names = new Set(Object.keys(template.Resources));
  expect(referencesOf(template).length).toBeGreaterThan(50);
  expect(referencesOf(template).filter((name) => !names.has(name))).toEqual([]);
});

it('can be made: nothing waits for itself', () => {
  const needs = new Map(Object.entries(template.Resources).map(([name, { DependsOn = [], Properties = {} }]) => [name, new Set([...[DependsOn].flat() as string[], ...referencesOf(Properties)])]));
  // Takes away what needs nothing more, until nothing is left.
  for (let ready = ['']; ready.length > 0;) {
    ready = [...needs].filter(([, of]) => [...of].every((name) => !needs.has(name))).map(([name]) => name);
    for (const name of ready) needs.delete(name);
  }
  expect([...needs.keys()]).toEqual([]);
});

describe('the functions', () => {
  it.each(FUNCTIONS)('%s runs on the runtime that the bundle is for, with a role and a log group of its own', (name) => {
    const { Properties: f } = resource(`${logicalId(name)}LambdaFunction`);
    expect(f).toMatchObject({ Runtime: 'nodejs22.x', Architectures: ['arm64'], LoggingConfig: { LogFormat: 'JSON' }, Role: { 'Fn::GetAtt': [`${logicalId(name)}Role`, 'Arn'] } });
    expect(resource(`${logicalId(name)}LogGroup`).Properties).toMatchObject({ LogGroupName: `/aws/lambda/${String(f['FunctionName'])}` });
  });

  it('have every environment variable that their sources read', () => {
    for (const name of FUNCTIONS) {
      const given = Object.keys((resource(`${logicalId(name)}LambdaFunction`).Properties['Environment'] as { Variables: object }).Variables);
      const read = [...readFileSync(join(ROOT, `src/service/${name}.ts`), 'utf8').matchAll(/process\.env\['([A-Z_]+)'\]/g)].map(([, variable]) => variable);
      expect(given).toEqual(expect.arrayContaining(read));
      expect(given).toEqual(expect.arrayContaining(['METRICS_NAMESPACE', 'FAULT_QUEUE_URL']));
    }
  });

  it.each(FUNCTIONS)('%s is a zip with its bundle and nothing else, and the bundle has the handler', (name) => {
    const files = readZip(readFileSync(join(folder, `.serverless/${name}.zip`)));
    expect([...files.keys()]).toEqual([`.build/${name}.cjs`]);
    expect(files.get(`.build/${name}.cjs`)).toEqual(readFileSync(join(folder, `.build/${name}.cjs`)));
    expect(resource(`${logicalId(name)}LambdaFunction`).Properties['Handler']).toBe(`.build/${name}.handler`);
    // In a process of its own, from a folder without node_modules: everything it needs is inside.
    const type = execFileSync(process.execPath, ['-p', `typeof require('./.build/${name}.cjs').handler`], { cwd: folder, env: { AWS_REGION: 'eu-central-1', ENTITY_TABLE_NAME: 't', VIEW_TABLE_NAME: 'v', STREAM_NAME: 's', FAULT_QUEUE_URL: 'http://127.0.0.1:9/q', ...LOCKS, ...QUIET }, encoding: 'utf8' });
    expect(type.trim()).toBe('function');
  });
});

describe('the HTTP API', () => {
  const isOfLocks = (key: unknown): boolean => /^[A-Z]+ \/(locks.*|openapi\.json)?$/.test(String(key));

  it('has the routes of serverless.yml; those of the seats ask for a signature, those of the locks for keys of their own', () => {
    const wanted = readServerless(join(ROOT, 'serverless.yml')).functions.flatMap(({ routes }) => routes);
    const routes = ofType(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties: { RouteKey, AuthorizationType } }]) => [RouteKey, AuthorizationType] as const);
    expect(wanted.length).toBe(16);
    expect(routes.map(([key]) => key as string).sort()).toEqual([...wanted].sort());
    expect(new Set(routes.filter(([key]) => !isOfLocks(key)).map(([, type]) => type as string))).toEqual(new Set(['AWS_IAM']));
    expect(routes.filter(([key, type]) => isOfLocks(key) && type !== undefined)).toEqual([]); // none
  });

  it('has the routes that the command function has', () => {
    const found = [...readFileSync(join(ROOT, 'src/service/command.ts'), 'utf8').matchAll(/^ {2}'([A-Z]+ \/[^']*)':/gm)].map(([, key]) => key);
    expect(found.sort()).toEqual(ofType(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties['RouteKey'] as string).filter((key) => !isOfLocks(key)).sort());
  });

  it('has the routes that the lock service describes', () => {
    const { paths } = openApi(contextOf({ client: { send: () => {} } as never, tableName: 't', secret: 'x'.repeat(32), authorizer: () => ({ id: 'a' }) })) as { paths: Record<string, object> };
    const described = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).filter((method) => method !== 'parameters').map((method) => `${method.toUpperCase()} ${path}`));
    expect(ofType(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties['RouteKey'] as string).filter(isOfLocks).sort()).toEqual(described.sort());
    expect(resource('LocksLambdaFunction').Properties['Timeout']).toBe(29);
  });

  it('takes the keys of the locks from where CloudFormation finds them', () => {
    const { Variables } = resource('LocksLambdaFunction').Properties['Environment'] as { Variables: Record<string, unknown> };
    expect([Variables['LOCK_KEYS'], Variables['LOCK_SECRET']]).toEqual(['{{resolve:ssm:/seats/test/lock-keys}}', '{{resolve:secretsmanager:seats/test/lock-secret}}']);
    expect(Variables['LOCK_TABLE_NAME']).toEqual({ Ref: 'Locks' });
  });

  it('speaks payload format 2.0, within a limit', () => {
    for (const name of ['Command', 'Locks']) expect(resource(`HttpApiIntegration${name}`).Properties['PayloadFormatVersion']).toBe('2.0');
    expect(resource('HttpApiStage').Properties['DefaultRouteSettings']).toMatchObject({ ThrottlingRateLimit: expect.any(Number), ThrottlingBurstLimit: expect.any(Number) });
  });
});

describe('the event source mappings', () => {
  const common = {
    StartingPosition: 'TRIM_HORIZON',
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    BisectBatchOnFunctionError: true,
    DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['FailedRecords', 'Arn'] } } },
    MetricsConfig: { Metrics: ['EventCount'] },
  };
  const patterns = (name: string): object[] =>
    (resource(name).Properties['FilterCriteria'] as { Filters: { Pattern: string }[] }).Filters.map(({ Pattern }) => JSON.parse(Pattern) as object);

  it.each([
    ['TriggerEventSourceMappingDynamodbSeats', ['Seats', 'StreamArn']],
    ['ListenerEventSourceMappingKinesisEvents', ['Events', 'Arn']],
  ])('%s reports partial failures, bisects, gives up some day, and keeps what it gave up', (name, source) => {
    const { Properties: mapping } = resource(name);
    expect(mapping).toMatchObject({ ...common, EventSourceArn: { 'Fn::GetAtt': source } });
    expect(mapping['MaximumRetryAttempts']).toBeGreaterThan(0);
    expect(mapping['MaximumRecordAgeInSeconds']).toBeGreaterThan(0);
    expect(mapping['ParallelizationFactor']).toBeGreaterThan(1);
  });

  it('leave out the rows that a listener wrote, and keep removed ones', () => {
    expect(patterns('TriggerEventSourceMappingDynamodbSeats')).toEqual([
      { dynamodb: { NewImage: { latched: { BOOL: [{ exists: false }, false] } } } },
      { eventName: ['REMOVE'] },
    ]);
  });

  it('take events of seats only', () => {
    expect(patterns('ListenerEventSourceMappingKinesisEvents')).toEqual([{ data: { type: [{ prefix: 'seat-' }] } }]);
  });
});

describe('the permissions', () => {
  const SETTLE = ['sqs:SendMessage on Faults', 's3:PutObject in FailedRecords', 's3:ListBucket on FailedRecords'];
  const WANTED: Readonly<Record<string, readonly string[]>> = {
    CommandRole: ['dynamodb:GetItem on Seats', 'dynamodb:PutItem on Seats', 'dynamodb:UpdateItem on Seats', 'dynamodb:Query on BoxOffice'],
    TriggerRole: [...['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((action) => `dynamodb:${action} on Seats.StreamArn`), 'kinesis:PutRecords on Events', ...SETTLE],
    ListenerRole: [
      ...['DescribeStream', 'DescribeStreamSummary', 'GetRecords', 'GetShardIterator', 'ListShards', 'ListStreams'].map((action) => `kinesis:${action} on Events`),
      'dynamodb:GetItem on BoxOffice', 'dynamodb:PutItem on BoxOffice', 'dynamodb:UpdateItem on BoxOffice',
      'dynamodb:PartiQLInsert on BoxOffice', 'dynamodb:PartiQLUpdate on BoxOffice', ...SETTLE,
    ],
    LocksRole: ['dynamodb:GetItem on Locks', 'dynamodb:UpdateItem on Locks', 'dynamodb:Scan on Locks'],
  };
  const statementsOf = (role: string): readonly Statement[] =>
    (resource(role).Properties['Policies'] as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(({ PolicyDocument }) => PolicyDocument.Statement);

  const place = (found: unknown): string => {
    const { 'Fn::GetAtt': [name, attribute] = [], 'Fn::Sub': text } = found as { 'Fn::GetAtt'?: [string, string]; 'Fn::Sub'?: string };
    // The one pattern: S3 has objects, and Lambda chooses their names.
    if (text !== undefined) return `in ${/^\$\{(\w+)\.Arn\}\/\*$/.exec(text)?.[1] ?? text}`;
    return `on ${name}${attribute === 'Arn' ? '' : `.${attribute}`}`;
  };

  it.each(Object.keys(WANTED))('of %s are these, on these resources', (role) => {
    const log = `${role.replace('Role', 'LogGroup')}`;
    const granted = statementsOf(role).flatMap(({ Action, Resource }) => Action.map((action) => `${action} ${place(Resource)}`));
    expect(granted.sort()).toEqual([...(WANTED[role] ?? []), `logs:CreateLogStream on ${log}`, `logs:PutLogEvents on ${log}`].sort());
  });

  it('are for Lambda alone, and there are no other roles', () => {
    const roles = ofType(template, 'AWS::IAM::Role');
    expect(roles.map(([name]) => name).sort()).toEqual(Object.keys(WANTED).sort());
    for (const [, { Properties: role }] of roles) {
      expect((role['AssumeRolePolicyDocument'] as { Statement: unknown }).Statement).toEqual([{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }]);
      expect(role['ManagedPolicyArns']).toBeUndefined();
    }
    expect(ofType(template, 'AWS::IAM::Policy')).toEqual([]);
  });

  it('hold no wildcard', () => {
    const statements = Object.keys(WANTED).flatMap(statementsOf);
    expect(statements.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([]);
    expect(statements.filter(({ Resource }) => JSON.stringify(Resource).includes('*')).map(({ Sid }) => Sid)).toEqual(['GiveUp', 'GiveUp']);
  });

  it('fit the requests that the bundles can make', () => {
    const ACTIONS: Readonly<Record<string, readonly string[]>> = {
      GetItemCommand: ['dynamodb:GetItem'], PutItemCommand: ['dynamodb:PutItem'], UpdateItemCommand: ['dynamodb:UpdateItem'],
      BatchExecuteStatementCommand: ['dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate'], // no statement deletes
      PutRecordsCommand: ['kinesis:PutRecords'], SendMessageCommand: ['sqs:SendMessage'],
    };
    /** A table of the service's own never sees these (test/unit/locks/rest). */
    const NOT_SENT: Readonly<Record<string, readonly string[]>> = { locks: ['dynamodb:PutItem'] };
    const inputs = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', `
      import { bundleFunctions } from ${JSON.stringify(join(ROOT, 'scripts/service/bundle.mjs'))};
      console.log(JSON.stringify(await bundleFunctions({ outdir: process.argv[1] })));`, join(folder, 'again')], { encoding: 'utf8' })) as Record<string, { inputs: string[] }>;
    for (const name of FUNCTIONS) {
      const commands = inputs[name]?.inputs.flatMap((path) => /client-(?:dynamodb|kinesis|sqs)\/dist-es\/commands\/(\w+)\.js$/.exec(path)?.[1] ?? []) ?? [];
      const possible = commands.flatMap((command) => ACTIONS[command] ?? []).filter((action) => !NOT_SENT[name]?.includes(action));
      const granted = statementsOf(`${logicalId(name)}Role`).flatMap(({ Action }) => Action).filter((action) => Object.values(ACTIONS).flat().includes(action));
      expect([...new Set(granted)].sort()).toEqual(possible.sort());
      // The emulators and the test engines of the package stay out.
      expect(inputs[name]?.inputs.filter((path) => /dynalite|kinesalite|src\/replay|src\/service\/local/.test(path))).toEqual([]);
    }
  });
});

describe('the data', () => {
  it.each(['Seats', 'BoxOffice'])('of %s expires, can be restored, and is paid by request', (name) => {
    expect(resource(name).Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }],
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  it('of the seats is kept when the stack goes, and told with both images', () => {
    expect(resource('Seats')).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain', Properties: { StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' } } });
  });

  it('of the locks is paid by request, and what was released is collected', () => {
    expect(resource('Locks').Properties).toEqual({
      BillingMode: 'PAY_PER_REQUEST', AttributeDefinitions: [{ AttributeName: 'key', AttributeType: 'S' }], KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    });
  });

  it('in transit and set aside is encrypted, private, and kept for long enough', () => {
    expect(resource('Events').Properties).toMatchObject({ StreamEncryption: { EncryptionType: 'KMS' }, StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
    expect(resource('Faults').Properties).toEqual({ MessageRetentionPeriod: 14 * 86_400, SqsManagedSseEnabled: true });
    expect(Object.values(resource('FailedRecords').Properties['PublicAccessBlockConfiguration'] as object)).toEqual([true, true, true, true]);
    expect(resource('FailedRecords').Properties['BucketEncryption']).toBeDefined();
  });

  it('of all logs ends some day', () => {
    const groups = ofType(template, 'AWS::Logs::LogGroup');
    expect(groups.map(([name]) => name).sort()).toEqual(['CommandLogGroup', 'HttpApiLogGroup', 'ListenerLogGroup', 'LocksLogGroup', 'TriggerLogGroup']);
    for (const [, { Properties }] of groups) expect(Properties['RetentionInDays']).toBe(30);
  });
});

describe('what is watched', () => {
  const NAMESPACE = 'seats/test';
  const text = ({ namespace, name, dimensions }: MetricName): string => `${namespace} ${name} ${JSON.stringify(Object.entries(dimensions).sort())}`;

  /** Everything that a function with these rules writes for any outcome, read back from its log lines. */
  const emitted = (): ReadonlySet<string> => {
    const lines: string[] = [];
    for (const [service, pipelines] of Object.entries({ trigger: ['seat-events', ''], listener: ['box-office', ''] })) {
      const metrics = emf({ namespace: NAMESPACE, service, write: (line) => lines.push(line) });
      for (const pipeline of pipelines) {
        for (const kind of OUTCOME_KINDS) {
          const outcome = { kind, behindMs: 5, dropped: {} } as Outcome;
          recordSettled(metrics, { record: {}, event: { id: '1', type: 'seat-updated', timestamp: 1 }, outcome, parts: pipeline === '' ? [] : [{ pipeline, outcome }] } as unknown as Settled, 2);
        }
      }
      void metrics.flush();
    }
    return new Set(readEmf(lines).map(text));
  };

  const OF_AWS = new Set([
    ...['Trigger', 'Listener'].map((name) => `AWS/Lambda IteratorAge [["FunctionName","${name}LambdaFunction"]]`),
    ...['TriggerEventSourceMappingDynamodbSeats', 'ListenerEventSourceMappingKinesisEvents'].flatMap((name) =>
      ['DroppedEventCount', 'OnFailureDestinationDeliveredEventCount'].map((metric) => `AWS/Lambda ${metric} [["EventSourceMappingUUID","${name}"]]`)),
    ...['Count', '4xx', '5xx', 'Latency'].map((name) => `AWS/ApiGateway ${name} [["ApiId","HttpApi"]]`),
    'AWS/SQS ApproximateNumberOfMessagesVisible [["QueueName","Faults"]]',
  ]);

  it('are metrics that there are', () => {
    const known = emitted();
    const watched = ofType(template, 'AWS::CloudWatch::Alarm').flatMap(([, alarm]) => metricsOfAlarm(alarm)).map(text);
    expect(watched.length).toBeGreaterThan(12);
    expect(watched.filter((metric) => !known.has(metric) && !OF_AWS.has(metric))).toEqual([]);
  });

  it('are metrics of the rules that the functions have', () => {
    for (const [name, rule] of [['trigger', 'seat-events'], ['listener', 'box-office']] as const) {
      const source = readFileSync(join(ROOT, `src/service/${name}.ts`), 'utf8');
      expect([...source.matchAll(/\bid: '([^']+)'/g)].map(([, id]) => id)).toEqual([rule]);
      expect(source).toContain(`service: '${name}'`);
    }
  });

  it('are faults, staleness, age, what Lambda gave up, and errors of the API; each alarm tells somebody', () => {
    const alarms = ofType(template, 'AWS::CloudWatch::Alarm');
    expect(alarms.map(([name]) => name).sort()).toEqual(['ApiErrorAlarm', 'FaultAlarm', 'ListenerAgeAlarm', 'ListenerGaveUpAlarm', 'StaleRateAlarm', 'TriggerAgeAlarm', 'TriggerGaveUpAlarm']);
    for (const [, { Properties: alarm }] of alarms) {
      expect(alarm['AlarmActions']).toEqual([{ Ref: 'Alarms' }]);
      expect(alarm['TreatMissingData']).toBe('notBreaching');
    }
  });

  it('is computed from metrics that are in the alarm', () => {
    for (const [, { Properties: alarm }] of ofType(template, 'AWS::CloudWatch::Alarm')) {
      const metrics = (alarm['Metrics'] ?? []) as { Id: string; Expression?: string; ReturnData: boolean }[];
      const used = metrics.flatMap(({ Expression: expression = '' }) => expression.match(/\b[a-z]\w*\b/g) ?? []);
      expect(used.filter((id) => !metrics.some(({ Id }) => Id === id))).toEqual([]);
      // Nothing is fetched in vain, and CloudWatch takes at most ten.
      expect(metrics.filter(({ Id, ReturnData }) => !ReturnData && !used.includes(Id))).toEqual([]);
      expect(metrics.length).toBeLessThanOrEqual(10);
      if (metrics.length > 0) expect(metrics.filter(({ ReturnData }) => ReturnData)).toHaveLength(1);
    }
  });

  it('is on a dashboard, which is JSON and shows every outcome of the listener', () => {
    const body = (resource('Dashboard').Properties['DashboardBody'] as { 'Fn::Sub': string })['Fn::Sub'].replace(/\$\{(?:AWS::)?(\w+)[^}]*\}/g, '$1');
    const { widgets } = JSON.parse(body) as { widgets: { x: number; y: number; width: number; height: number; properties: { metrics: unknown[][] } }[] };
    const metrics = widgets.flatMap(({ properties }) => properties.metrics).map(metricOfRow);
    const known = emitted();
    expect(metrics.map(text).filter((metric) => !known.has(metric) && !OF_AWS.has(metric))).toEqual([]);
    const shown = (service: string): readonly string[] => metrics.flatMap(({ name, dimensions }) => (dimensions['service'] === service ? [name] : []));
    // It publishes nothing, and its rule has no groups, and skips nothing.
    expect(shown('listener')).toEqual(expect.arrayContaining(OUTCOME_KINDS.filter((kind) => !['published', 'narrowed', 'unchanged'].includes(kind)).map((kind) => `oplock.${kind}`)));
    expect(shown('trigger')).toEqual(expect.arrayContaining(['published', 'filtered', 'retry', 'fault'].map((kind) => `oplock.${kind}`)));
    // Widgets side by side, none over another.
    const taken = widgets.flatMap(({ x, y, width, height }) => Array.from({ length: width * height }, (_, i) => `${x + (i % width)},${y + Math.floor(i / width)}`));
    expect(new Set(taken).size).toBe(taken.length);
  });
});

it('names the version of osls that is installed', () => {
  const { version } = createRequire(join(ROOT, 'package.json'))('osls/package.json') as { version: string };
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { devDependencies: Record<string, string> };
  expect(devDependencies['osls']).toBe(version);
});
