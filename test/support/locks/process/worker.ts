import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { createLockClient } from '../../../../src/locks';
import type { Script } from './script';

/*
 * A process of its own, that holds a lock, and says on its standard output what happens to it, one JSON object a line.
 */

const script = JSON.parse(process.argv[2] ?? '{}') as Script;
const { endpoint, table, ownerName, leaseMs, heartbeatMs, dieAt } = script;

const say = (event: string, more: object = {}): void => { process.stdout.write(`${JSON.stringify({ event, ...more })}\n`); };
const told = (error: unknown): object => {
  const { name, code, reason } = error as { readonly name?: string; readonly code?: string; readonly reason?: string };
  return { name, code, reason };
};
const die = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
};

const raw = new DynamoDBClient({ endpoint, region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
const real = DynamoDBDocumentClient.from(raw);
let doomed = false;
const send = async (command: { readonly constructor: { readonly name: string } }, ...options: unknown[]): Promise<unknown> => {
  if (doomed) return new Promise(() => {}); // it is dead as soon as the answer is there
  doomed = dieAt !== undefined && command.constructor.name.includes(dieAt.command);
  if (!doomed) return (real.send as (...given: unknown[]) => Promise<unknown>)(command, ...options);
  if (dieAt?.when === 'after') await real.send(command as never);
  return die();
};
const client = new Proxy(real, { get: (target, name) => (name === 'send' ? send : Reflect.get(target, name)) });
const locks = createLockClient({ client, tableName: table, ownerName, leaseMs, heartbeatMs, logger: { debug: () => {}, warn: () => {}, error: () => {} } });

/** A monotonic clock that stands still with the process, as that of a suspended machine does. */
const haltClock = (): void => {
  const now = performance.now.bind(performance);
  let [last, halted] = [now(), 0];
  performance.now = () => {
    const at = now();
    halted += Math.max(0, at - last - 50);
    last = at;
    return at - halted;
  };
  setInterval(() => performance.now(), 10).unref();
};

const block = (ms: number): void => {
  for (const end = Date.now() + ms; Date.now() < end;); // nothing else runs
};

const acts: Record<Script['act'], () => Promise<unknown>> = {
  /** Until it is killed. */
  hold: async () => {
    if (script.haltingClock) haltClock();
    const lock = await locks.acquire('x');
    const [put, check] = [{ Put: { TableName: table, Item: { key: 'written by the late' } } }, lock.check()];
    lock.signal.addEventListener('abort', () => {
      void (async () => {
        say('lost', told(lock.signal.reason));
        say('guarded', told(await lock.guard([put]).catch((error: unknown) => error)));
        // As if nobody had asked the lock before: what left before the pause, and arrives now.
        say('sent', told(await real.send(new TransactWriteCommand({ TransactItems: [put, check] })).catch((error: unknown) => error)));
      })();
    });
    say('held');
    await new Promise(() => { setInterval(() => {}, 1_000); });
  },
  work: async () => {
    const lock = await locks.acquire('x');
    say('held');
    await sleep(50);
    say('released', { outcome: await lock.release() });
  },
  block: async () => {
    const lock = await locks.acquire('x');
    await lock.heartbeat();
    block(script.blockMs ?? 0);
    try {
      lock.assertHeld();
      say('held');
    } catch (error) {
      say('lost', { ...told(error), aborted: lock.signal.aborted });
    }
    say('guarded', told(await lock.guard([{ Put: { TableName: table, Item: { key: `guarded/${script.blockMs}` } } }]).catch((error: unknown) => error) ?? {}));
    await locks.close();
  },
  /** Nothing is left to do, but a lock is held. */
  forget: async () => {
    const lock = await locks.acquire('x');
    await sleep(leaseMs);
    say('held', { held: lock.isHeld() });
  },
  close: async () => {
    await locks.acquire('x');
    await locks.acquireAll(['a', 'b']);
    await locks.permits('p', 2).acquire();
    const waiting = locks.acquire('x', { waitMs: 60_000 }).catch(told);
    await sleep(2 * (heartbeatMs || 0));
    await locks.close();
    say('waited', await waiting);
    raw.destroy();
    await sleep(20).then(() => new Promise((resolve) => { setImmediate(resolve); }));
    say('closed', { resources: process.getActiveResourcesInfo() });
  },
};

// The first request of a process takes longer than all others, and may take longer than a short lease allows.
void locks.inspect('x').catch(() => {}).then(acts[script.act]);
