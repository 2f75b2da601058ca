#!/usr/bin/env node
import { createRequire } from 'node:module';
import { importModule } from './import-module';
import { run } from './run';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

// Whoever read it has seen enough: `| head`, `| grep -m 1`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

void run(process.argv.slice(2), {
  stdout: (text) => process.stdout.write(text),
  stderr: process.stderr,
  version,
  importModule,
}).then((code) => { process.exitCode = code; });
