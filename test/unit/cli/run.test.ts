import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../src/cli/run';
import { OUTCOME_KINDS } from '../../../src/outcome';
import type { Event } from '../../../src/event';
import { materialize } from '../../../src/flavors/materialize';
import { kinesisInvocation } from '../../support/kinesis-events';

interface ThingEvent extends Event { readonly thing: { readonly id: string; readonly name: string } }

const T = Date.UTC(2026, 0, 1);
const thing = (id: string, at: number, name: string) => ({ id, type: 'thing-updated', timestamp: T + at, partitionKey: 't1', thing: { id: 't1', name } });

const rules = [{
  id: 'thing', flavor: materialize<ThingEvent>, eventType: 'thing-updated',
  toWrite: ({ event }: { event: ThingEvent }) => ({ key: { pk: event.thing.id, sk: 'thing' }, set: { name: event.thing.name } }),
}];

let folder: string;
let fixture: string;
const RULES = 'fixtures/hazards/things.mjs'; // any file: the rules above are given in its place
const file = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oplock-test-'));
  fixture = file('events.jsonl');
  const events = [thing('e1', 1, 'one'), thing('e3', 3, 'three'), thing('e2', 2, 'two'), thing('e3', 3, 'three'), { ...thing('e4', 4, 'x'), type: 'other' }];
  await writeFile(fixture, `${JSON.stringify(kinesisInvocation(events))}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const oplock = async (argv: string[], { isTTY = false, given = { default: rules } }: { isTTY?: boolean; given?: unknown } = {}) => {
  let stdout = '';
  let stderr = '';
  const code = await run(argv, {
    stdout: (text) => { stdout += text; },
    stderr: { isTTY, write: (text) => { stderr += text; } },
    version: '1.2.3',
    importModule: () => Promise.resolve(given),
  });
  return { code, stdout, stderr };
};

const replay = (...more: string[]) => oplock(['replay', fixture, '--rules', RULES, ...more]);

test('--json prints exactly one object, whose outcomes sum to the events', async () => {
  const { code, stdout, stderr } = await replay('--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const report = JSON.parse(stdout) as Record<string, unknown>;
  expect(Object.keys(report).sort()).toEqual(['crashed', 'errors', 'events', 'faults', 'lostResponses', 'outcomes', 'redelivered', 'requests', 'seconds', 'table', 'undelivered', 'unsettled', 'writes']);
  expect(report).toMatchObject({
    events: 5, writes: 1, crashed: 0, lostResponses: 0, undelivered: 0, faults: [], table: { items: 1, digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
    outcomes: { applied: 1, superseded: 2, stale: 0, duplicate: 1, filtered: 1, fault: 0, retry: 0 },
  });
  expect(Object.keys(report['outcomes'] as object).sort()).toEqual([...OUTCOME_KINDS].sort());
});

test('for people: outcomes, throughput, digest; nothing on standard error in a pipe', async () => {
  const { code, stdout, stderr } = await replay();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const part of [/applied +1/, /superseded +2/, /duplicate +1/, /events +5/, /events\/s/, /digest [0-9a-f]{64}/]) expect(stdout).toMatch(part);
  expect(stdout).not.toMatch(/fault|retry|interrupted/);
});

test('a progress bar on a terminal, wiped off at the end', async () => {
  const { stdout, stderr } = await oplock(['replay', fixture, '--rules', RULES, '--batch-size', '1'], { isTTY: true });
  expect(stderr).toContain('[######........................]  20 %');
  expect(stderr.endsWith('\r\u001b[K')).toBe(true);
  expect(stdout).not.toContain('\r');
});

test('--dump writes the table and --expect accepts it, in whatever order the events come', async () => {
  expect((await replay('--dump', file('table.json'))).code).toBe(0);
  expect(JSON.parse(await readFile(file('table.json'), 'utf8'))).toEqual([
    { pk: 't1', sk: 'thing', name: 'three', timestamp: T + 3, oplockTie: 'e3' },
  ]);
  for (const seed of ['1', '2', '3']) {
    const { code, stdout } = await replay('--shuffle', '--duplicate', '1', '--seed', seed, '--expect', file('table.json'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/events +10/);
    expect(stdout).toContain('The table is as expected.');
  }
});

test('--split and --crash: the same table, and the report says how often processes died; a rule that begins a thing once only is found out', async () => {
  await writeFile(file('expected.json'), JSON.stringify([{ pk: 't1', sk: 'thing', name: 'three', timestamp: T + 3, oplockTie: 'e3' }]));
  const more = ['--engine', 'memory', '--shuffle', '--duplicate', '1', '--split', '--crash', '0.6', '--expect', file('expected.json')];
  const { code, stdout } = await replay(...more);
  expect(code).toBe(0);
  const [, crashed, lost] = /(\d+) invocations interrupted; (\d+) requests were carried out/.exec(stdout) ?? [];
  const { stdout: json } = await replay(...more, '--concurrency', '1', '--json');
  expect(JSON.parse(json)).toMatchObject({ events: 10, undelivered: 0, errors: [] });
  expect(Number(crashed)).toBeGreaterThan(0);
  expect(Number(lost)).toBeLessThanOrEqual(Number(crashed) * 10);

  const begunOnce = () => {
    const begun = new Set<string>();
    return { default: rules.map((rule) => ({ ...rule, filters: ({ event: { id } }: { event: Event }) => begun.size < begun.add(id).size })) };
  };
  const wrong = (...argv: string[]) => oplock(['replay', fixture, '--rules', RULES, ...argv], { given: begunOnce() });
  expect((await wrong(...more.filter((one) => one !== '--crash' && one !== '0.6'))).code).toBe(0);
  const codes: number[] = [];
  for (let seed = 1; seed <= 100 && !codes.includes(1); seed += 1) codes.push((await wrong(...more, '--seed', String(seed))).code);
  expect(codes).toContain(1);
});

test('--strategy sends writes together or one by one, and a rule\'s own goes first: the same table', async () => {
  const many = file('many.jsonl');
  const of = ({ event: { id, timestamp } }: { event: Event }) => ({ key: { pk: id, sk: 'thing' }, set: { timestamp } });
  await writeFile(many, JSON.stringify(kinesisInvocation(Array.from({ length: 30 }, (_one, i) => ({ ...thing(`e${i}`, i, ''), partitionKey: `k${i}` })))));
  const requests = async (how: string, own: object = {}): Promise<number> => {
    const { stdout } = await oplock(['replay', many, '--rules', RULES, '--engine', 'memory', '--strategy', how, '--json'], { given: { default: [{ id: 'thing', flavor: materialize, toWrite: of, ...own }] } });
    const report = JSON.parse(stdout) as { requests: number; table: { items: number }; outcomes: { applied: number } };
    expect(report).toMatchObject({ writes: 30, table: { items: 30 }, outcomes: { applied: 30 } });
    return report.requests;
  };
  expect(await requests('single')).toBe(30);
  expect(await requests('batch')).toBeLessThan(6);
  expect(await requests('batch', { strategy: 'single' })).toBe(30);
});

test('--expect that does not fit: exit 1 and a difference, on standard error when --json has standard output', async () => {
  await writeFile(file('other.json'), JSON.stringify([
    { pk: 't1', sk: 'thing', name: 'two', timestamp: T + 3, oplockTie: 'e3' }, { pk: 't2', sk: 'thing' },
  ]));
  const human = await replay('--expect', file('other.json'));
  expect(human.code).toBe(1);
  expect(human.stdout).toContain('- pk="t2" sk="thing"');
  expect(human.stdout).toContain('    - "name": "two"\n    + "name": "three"');
  const json = await replay('--expect', file('other.json'), '--json');
  expect(json.code).toBe(1);
  expect((JSON.parse(json.stdout) as { events: number }).events).toBe(5);
  expect(json.stderr).toContain('+ "name": "three"');
});

test('faults are shown with what to do; they are settled, so the exit code is 0', async () => {
  const bad = file('bad.jsonl');
  await writeFile(bad, JSON.stringify(kinesisInvocation(['no json', thing('e1', 1, 'one')])));
  const { code, stdout } = await oplock(['replay', bad, '--rules', RULES]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/fault +1/);
  expect(stdout).toContain('1 fault:');
});

test('events that are never settled: exit 1', async () => {
  const throttled = (): never => { throw Object.assign(new Error('slow down'), { name: 'ThrottlingException' }); };
  const refusing = [{ id: 'thing', flavor: materialize<ThingEvent>, toWrite: throttled, retry: { maxAttempts: 1 } }];
  const one = file('one.jsonl');
  await writeFile(one, JSON.stringify(kinesisInvocation([thing('e1', 1, 'one')])));
  const { code, stdout } = await oplock(['replay', one, '--rules', RULES, '--json'], { given: { default: refusing } });
  const { outcomes, undelivered, unsettled } = JSON.parse(stdout) as { outcomes: { retry: number }; undelivered: number; unsettled: string[] };
  expect({ code, retry: outcomes.retry, undelivered }).toEqual({ code: 1, retry: 1, undelivered: 1 });
  expect(unsettled).toEqual(['rule "thing": transient, the table, or another service, did not answer: ThrottlingException: slow down']);
}, 60_000);

test.each([
  [{ tableName: 'orders' }, 'rule "thing" has a tableName ("orders") of its own', ['--table', 'orders']],
  [{ client: {} }, 'rule "thing" has a client of its own', undefined],
  [{ publisher: () => {} }, 'rule "thing" has a publisher of its own', undefined],
])('a rule with %j would write past the table: exit 2', async (more, message, cure) => {
  const given = { default: [{ id: 'thing', flavor: materialize<ThingEvent>, toWrite: () => undefined, ...more }] };
  expect(await oplock(['replay', fixture, '--rules', RULES], { given })).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  if (cure) expect(await oplock(['replay', fixture, '--rules', RULES, ...cure], { given })).toMatchObject({ code: 0 });
});

test.each([
  [[], 'No command is given'],
  [['reply'], '"reply" is no command'],
  [['replay'], 'No fixture is given'],
  [['replay', 'x.jsonl'], '--rules is missing'],
  [['replay', 'x.jsonl', '--rules', RULES, '--engine', 'sqlite'], 'sqlite'],
])('%j: exit 2, says what is wrong and where help is', async (argv, message) => {
  const { code, stdout, stderr } = await oplock(argv);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).toContain('oplock --help');
});

test.each([
  [['replay', 'absent.jsonl', '--rules', RULES], 'absent.jsonl cannot be read'],
  [['replay', 'package.json', '--rules', RULES], 'package.json:1 is not JSON'],
  [['replay', 'absent.jsonl', '--rules', 'absent.mjs'], 'absent.mjs: there is no such file'],
  [['replay', 'absent.jsonl', '--rules', RULES, '--expect', 'absent.json'], 'absent.json cannot be read'],
  [['replay', 'absent.jsonl', '--rules', RULES, '--endpoint', 'nowhere'], '"nowhere" is not a URL'],
])('%j: exit 2 and one line that says what to do', async (argv, message) => {
  const { code, stderr } = await oplock(argv);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('    at ');
});

test('records of another kind of stream fail loudly', async () => {
  const sqs = file('sqs.jsonl');
  await writeFile(sqs, JSON.stringify({ Records: [{ messageId: '1', eventSource: 'aws:sqs', body: '{}' }] }));
  const { code, stderr } = await oplock(['replay', sqs, '--rules', RULES]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/sqs/i);
});

test('a --dump without a folder is refused before anything is replayed', async () => {
  const toWrite = jest.fn();
  const given = { default: [{ id: 'thing', flavor: materialize<ThingEvent>, toWrite }] };
  expect(await oplock(['replay', fixture, '--rules', RULES, '--dump', file('absent/table.json')], { given })).toMatchObject({ code: 2, stdout: '' });
  expect(toWrite).not.toHaveBeenCalled();
});

test('what the engine refuses, and a file that cannot be written, are said without a stack', async () => {
  for (const [argv, message] of [
    [['--table', 'no spaces please'], 'ValidationException'],
    [['--dump', file('absent/table.json')], 'absent/table.json cannot be written'],
  ] as const) {
    const { code, stderr } = await replay(...argv);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  }
});

test('an endpoint where nothing listens is said in plain words', async () => {
  const { code, stderr } = await oplock(['replay', fixture, '--rules', RULES, '--endpoint', 'http://127.0.0.1:1']);
  expect(code).toBe(2);
  expect(stderr).toContain('Nothing answers at http://127.0.0.1:1');
});

test('--help teaches, --version tells', async () => {
  const help = await oplock(['--help']);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  for (const option of ['--rules', '--engine', '--endpoint', '--table', '--shuffle', '--duplicate', '--seed', '--batch-size', '--json', '--expect', '--dump', 'Examples']) {
    expect(help.stdout).toContain(option);
  }
  expect(await oplock(['replay', '--help'])).toEqual(help);
  expect(Math.max(...help.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(await oplock(['--version'])).toEqual({ code: 0, stdout: '1.2.3\n', stderr: '' });
});

test('--now sets aside what is far ahead of that time, and says so; without it nothing is', async () => {
  const path = file('future.jsonl');
  await writeFile(path, `${JSON.stringify(kinesisInvocation([thing('bad', 300_005, 'bad'), thing('e2', 4, 'two'), thing('soon', 300_004, 'soon'), thing('e1', 1, 'one')]))}\n`);
  const now = String(thing('', 4, '').timestamp);
  const asked = (...more: string[]) => oplock(['replay', path, '--rules', RULES, ...more]);
  const report = JSON.parse((await asked('--now', now, '--json')).stdout) as Record<string, unknown>;
  expect(report).toMatchObject({
    events: 4, writes: 1, outcomes: { future: 1, applied: 1, superseded: 2, fault: 0 },
    faults: [{ event: 'bad', pipeline: 'thing', message: expect.stringContaining('300001 ms ahead') }],
  });
  const { code, stdout } = await asked('--now', now);
  expect(code).toBe(0);
  expect(stdout).toMatch(/future +1 +its time is too far ahead/);
  expect(JSON.parse((await asked('--json')).stdout)).toMatchObject({ outcomes: { future: 0, applied: 1, superseded: 3 }, faults: [] });
});

describe('explain', () => {
  const explain = (...more: string[]) => oplock(['explain', fixture, '--rules', RULES, ...more]);

  it('tells the story of one item', async () => {
    const { code, stdout, stderr } = await explain('--key', 't1/thing');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('pk="t1" sk="thing": 5 of 5 deliveries');
    expect(stdout).toContain('stale (rule thing): a newer event was there already, by 1 ms');
  });

  it('is one JSON object with --json, and knows a sort key of its own', async () => {
    const { code, stdout } = await explain('--key', 't1', '--sort-key', 'thing', '--json', '--shuffle', '--seed', '7');
    const story = JSON.parse(stdout) as { chapters: unknown[]; item: object };
    expect([code, story.chapters.length, story.item]).toEqual([0, 5, expect.objectContaining({ name: 'three' })]);
  });

  it.each([
    [['--key', 't9/thing'], 1, /No event of 5 has to do with/],
    [['--key', 't1'], 2, /has a sort key, too/],
    [[], 2, /--key is missing/],
    [['--key', 't1/thing', '--engine', 'aws'], 2, /--engine/],
  ])('%j ends with %d', async (more, expected, words) => {
    const { code, stdout, stderr } = await explain(...more);
    expect(code).toBe(expected);
    expect(stdout + stderr).toMatch(words);
  });
});
