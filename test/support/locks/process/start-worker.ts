import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Script } from './script';

export interface Worker {
  readonly child: ChildProcess;
  /** The first event of that name; rejects when the process ends without it. */
  readonly event: (name: string) => Promise<Record<string, unknown>>;
  readonly end: Promise<{ readonly code: number | null; readonly signal: string | null; readonly stderr: string }>;
}

export interface Workers {
  readonly start: (script: Script) => Worker;
  /** Kills those that are left. */
  readonly stop: () => Promise<void>;
}

/** The source of the worker as one file, once for all that are started. */
export const buildWorkers = async (): Promise<Workers> => {
  const folder = mkdtempSync(join(tmpdir(), 'oplock-locks-'));
  const outfile = join(folder, 'worker.cjs');
  await build({ entryPoints: [join(__dirname, 'worker.ts')], outfile, bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'error' });
  const running = new Set<Worker>();

  const start = (script: Script): Worker => {
    const child = spawn(process.execPath, [outfile, JSON.stringify(script)], { stdio: ['ignore', 'pipe', 'pipe'] });
    const [seen, waiting] = [new Map<string, Record<string, unknown>>(), new Map<string, (event: Record<string, unknown>) => void>()];
    let [text, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (text + chunk.toString()).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        const event = JSON.parse(line) as Record<string, unknown> & { readonly event: string };
        seen.set(event.event, event);
        waiting.get(event.event)?.(event);
      }
    });
    child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString(); });
    const end = new Promise<Awaited<Worker['end']>>((resolve) => {
      child.once('close', (code, signal) => {
        running.delete(worker);
        resolve({ code, signal, stderr });
      });
    });
    const event = (name: string) => new Promise<Record<string, unknown>>((resolve, reject) => {
      const known = seen.get(name);
      if (known) return resolve(known);
      waiting.set(name, resolve);
      void end.then(({ code, signal }) => reject(new Error(`it ended (${code ?? signal}) without ${name}: ${stderr}`)));
      return undefined;
    });
    const worker: Worker = { child, event, end };
    running.add(worker);
    return worker;
  };

  return {
    start,
    stop: async () => {
      const all = [...running];
      for (const { child } of all) child.kill('SIGKILL');
      await Promise.all(all.map(({ end }) => end));
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
