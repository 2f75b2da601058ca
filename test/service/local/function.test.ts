import { build } from 'esbuild';
import fc from 'fast-check';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFunction, type LocalFunction, type LocalFunctionOptions } from '../../../src/service/local/start-function';

const ROOT = join(__dirname, '..', '..', '..');

const FUNCTION = `
let count = 0;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const acts = {
  echo: ({ value }) => value,
  count: () => ({ pid: process.pid, count: ++count }),
  context: async (_event, context) => { await wait(5); return { ...context, left: context.getRemainingTimeInMillis() }; },
  environment: () => process.env,
  throws: () => { throw Object.assign(new TypeError('no such seat'), { name: 'SeatError' }); },
  throwsText: () => { throw 'just text'; },
  exits: () => process.exit(3),
  crashes: () => { setTimeout(() => { throw new Error('later'); }); return wait(60_000); },
  rejectsElsewhere: () => { void Promise.reject(new Error('nobody looks')); return wait(60_000); },
  hangs: () => wait(60_000),
  loops: () => { console.log('looping'); for (;;); },
  wait: async ({ ms }) => { console.log('waiting'); await wait(ms); return process.pid; },
  later: async ({ ms, value }) => { await wait(ms); return value; },
  big: () => 'x'.repeat(7_000_000),
  says: () => { console.log('one\\ntwo'); console.error('three'); process.stdout.write('{"no":"end"}'); return wait(20); },
};
exports.handler = async (event, context) => acts[event.act](event, context);
`;

let folder: string;
let runner: string;
const started: LocalFunction[] = [];
const lines: string[] = [];

const start = (options: Partial<LocalFunctionOptions> = {}): LocalFunction => {
  const one = startFunction({
    functionName: 'seats-test-f', bundle: join(folder, 'function.cjs'), runner, environment: {}, timeoutMs: 10_000, log: (line) => lines.push(line), ...options,
  });
  started.push(one);
  return one;
};

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'oplock-function-'));
  runner = join(folder, 'runner.cjs');
  writeFileSync(join(folder, 'function.cjs'), FUNCTION);
  writeFileSync(join(folder, 'broken.cjs'), 'throw Object.assign(new Error("no table name"), { name: "ConfigurationError" });');
  await build({ entryPoints: [join(ROOT, 'src/service/local/function-runner.ts')], outfile: runner, bundle: true, platform: 'node', target: 'node20', format: 'cjs' });
});

beforeEach(() => { lines.length = 0; });
afterEach(() => Promise.all(started.splice(0).map((one) => one.stop())));
afterAll(() => rmSync(folder, { recursive: true }));

describe('an invocation', () => {
  it('gets what the handler returns, after JSON', async () => {
    const f = start();
    expect(await f.invoke({ act: 'echo', value: { seat: 'A1', gone: undefined, at: new Date(0) } })).toEqual({ seat: 'A1', at: '1970-01-01T00:00:00.000Z' });
    expect(await f.invoke({ act: 'echo' })).toBeNull();
  });

  it('keeps the process, and its state, for the next one', async () => {
    const f = start();
    const first = await f.invoke({ act: 'count' }) as { pid: number };
    expect(await f.invoke({ act: 'count' })).toEqual({ pid: first.pid, count: 2 });
    expect(f.stats).toEqual({ invocations: 2, failures: 0, starts: 1 });
  });

  it('has a context like that of Lambda', async () => {
    const context = await start({ timeoutMs: 3_000, memoryMB: 256 }).invoke({ act: 'context' }, { awsRequestId: 'r-1' }) as { left: number };
    expect(context).toMatchObject({
      awsRequestId: 'r-1', functionName: 'seats-test-f', functionVersion: '$LATEST', memoryLimitInMB: '256', logGroupName: '/aws/lambda/seats-test-f',
      invokedFunctionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:seats-test-f',
    });
    expect(context.left).toBeGreaterThan(0);
    expect(context.left).toBeLessThan(3_000);
  });

  it('sees its own environment and nothing of ours', async () => {
    process.env['OPLOCK_SECRET_OF_THE_PARENT'] = 'secret';
    try {
      const environment = await start({ environment: { STREAM_NAME: 'events' } }).invoke({ act: 'environment' });
      expect(environment).toMatchObject({ STREAM_NAME: 'events', AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'local', AWS_EC2_METADATA_DISABLED: 'true' });
      expect(Object.keys(environment as object)).not.toEqual(expect.arrayContaining(['OPLOCK_SECRET_OF_THE_PARENT']));
      expect(environment).not.toHaveProperty('PATH');
      expect(environment).not.toHaveProperty('HOME');
    } finally {
      delete process.env['OPLOCK_SECRET_OF_THE_PARENT'];
    }
  });

  it('passes on what the function says, line by line', async () => {
    const f = start();
    await f.invoke({ act: 'says' });
    await f.stop();
    await until(() => lines.length === 4);
    expect([...lines].sort()).toEqual(['one', 'three', 'two', '{"no":"end"}']);
  });
});

describe('a failed invocation', () => {
  it.each([
    ['throws', 'SeatError', 'no such seat'],
    ['throwsText', 'string', 'just text'],
    ['big', 'Function.ResponseSizeTooLarge', '6291556'],
  ])('%s: has the name and message of the error, and the process lives on', async (act, errorType, message) => {
    const f = start();
    await expect(f.invoke({ act })).rejects.toMatchObject({ code: 'FUNCTION_FAILED', errorType, errorMessage: expect.stringContaining(message) });
    expect(await f.invoke({ act: 'echo', value: 1 })).toBe(1);
    expect(f.stats).toEqual({ invocations: 2, failures: 1, starts: 1 });
    expect(lines).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    ['exits', 'exit status 3'],
    ['crashes', 'exit status 1'],
    ['rejectsElsewhere', 'exit status 1'],
  ])('%s: is the death of the process, and the next one gets a new one', async (act, how) => {
    const f = start();
    await expect(f.invoke({ act })).rejects.toMatchObject({ errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining(how) });
    expect(await f.invoke({ act: 'echo', value: 1 })).toBe(1);
    expect(f.stats.starts).toBe(2);
  });

  it.each(['hangs', 'loops'])('%s: is cut off when its time is up', async (act) => {
    const f = start({ timeoutMs: 300 });
    await expect(f.invoke({ act })).rejects.toMatchObject({ errorType: 'Sandbox.Timedout', errorMessage: expect.stringContaining('timed out after 0.30 seconds') });
    expect(await f.invoke({ act: 'echo', value: 1 })).toBe(1);
  });

  it.each([
    ['a module that throws', { bundle: 'broken.cjs' }, 'ConfigurationError'],
    ['a module that is not there', { bundle: 'absent.cjs' }, 'Error'],
    ['a handler that is not there', { exportName: 'other' }, 'Runtime.HandlerNotFound'],
  ])('is what %s makes of every invocation', async (_what, { bundle = 'function.cjs', exportName = 'handler' }: { bundle?: string; exportName?: string }, errorType) => {
    const f = start({ bundle: join(folder, bundle), exportName });
    await expect(f.invoke({ act: 'echo' })).rejects.toMatchObject({ errorType });
    await expect(f.invoke({ act: 'echo' })).rejects.toMatchObject({ errorType });
    expect(f.stats.starts).toBe(2);
  });
});

describe('kill', () => {
  it('fails the invocation under way, wherever it is, and the next one gets a new process', async () => {
    const f = start();
    const underWay = expect(f.invoke({ act: 'loops' })).rejects.toMatchObject({ errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('signal: killed') });
    await until(() => lines.includes('looping'));
    expect(await f.kill()).toBe(1);
    await underWay;
    expect(await f.invoke({ act: 'echo', value: 1 })).toBe(1);
    expect(f.stats).toEqual({ invocations: 2, failures: 1, starts: 2 });
  });

  it('of an idle function fails nothing', async () => {
    const f = start();
    const { pid } = await f.invoke({ act: 'count' }) as { pid: number };
    expect(await f.kill()).toBe(0);
    expect(isAlive(pid)).toBe(false);
    expect(await f.invoke({ act: 'count' })).toMatchObject({ count: 1 });
  });
});

describe('concurrency', () => {
  it('is one process for each invocation under way, and a queue behind them', async () => {
    const f = start({ concurrency: 2 });
    const pids = await Promise.all(Array.from({ length: 6 }, () => f.invoke({ act: 'wait', ms: 50 })));
    expect(new Set(pids).size).toBe(2);
    expect(f.stats).toEqual({ invocations: 6, failures: 0, starts: 2 });
  });
});

describe('whatever dies when', () => {
  it('each invocation ends once, with its own answer or with the death of its process', async () => {
    await fc.assert(fc.asyncProperty(
      fc.array(fc.oneof({ weight: 5, arbitrary: fc.nat(30) }, fc.constant('exits' as const), fc.constant('kill' as const)), { minLength: 5, maxLength: 25 }),
      fc.integer({ min: 1, max: 3 }),
      async (acts, concurrency) => {
        const f = start({ concurrency });
        const results: Promise<unknown>[] = [];
        for (const [value, act] of acts.entries()) {
          if (act === 'kill') {
            await new Promise((resolve) => setTimeout(resolve, 20));
            await f.kill();
          } else {
            results.push(f.invoke(act === 'exits' ? { act } : { act: 'later', ms: act, value }).then((answer) => ({ value, answer }), (error: unknown) => error));
          }
        }
        for (const result of await Promise.all(results)) {
          if ((result as { code?: string }).code === 'FUNCTION_FAILED') expect(result).toMatchObject({ errorType: 'Runtime.ExitError' });
          else expect((result as { answer: unknown }).answer).toBe((result as { value: unknown }).value);
        }
        expect(f.stats.invocations).toBe(results.length);
        expect(await f.invoke({ act: 'echo', value: 'alive' })).toBe('alive');
        await f.stop();
      },
    ), { numRuns: 8 });
  });
});

describe('stop', () => {
  it('leaves no process, fails what was under way and refuses what waits and what comes', async () => {
    const f = start();
    const { pid } = await f.invoke({ act: 'count' }) as { pid: number };
    const underWay = expect(f.invoke({ act: 'wait', ms: 60_000 })).rejects.toMatchObject({ code: 'FUNCTION_FAILED' });
    const waiting = expect(f.invoke({ act: 'echo' })).rejects.toMatchObject({ code: 'FUNCTION_STOPPED' });
    await until(() => lines.includes('waiting'));
    await f.stop();
    expect(isAlive(pid)).toBe(false);
    await Promise.all([underWay, waiting]);
    await expect(f.invoke({ act: 'echo' })).rejects.toMatchObject({ code: 'FUNCTION_STOPPED' });
  });

  // The parent here is a process that forks the runner as function-process.ts does.
  it.each(['idle', 'loops'])('comes by itself when the parent is killed: %s', async (what) => {
    const parent = spawn(process.execPath, ['-e', `
      const child = require('node:child_process').fork(process.argv[1], [process.argv[2], 'handler'], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
      child.once('message', () => {
        if (process.argv[3] === 'loops') {
          child.send({ type: 'invoke', payload: '{"act":"loops"}', context: { deadline: Date.now() + 1e6 } });
          child.stdout.once('data', () => console.log(child.pid));
        } else console.log(child.pid);
      });
    `, runner, join(folder, 'function.cjs'), what], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (text: Buffer) => resolve(Number(text.toString()))));
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive(pid));
  });
});
