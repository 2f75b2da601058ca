// Lint, types and build at the same time: none of them needs another, and each leaves most cores idle.
import { spawn } from 'node:child_process';

const CHECKS = ['lint', 'typecheck', 'build'];

/** What it says is kept until it is done, so that the three do not mix. */
const run = (name) => new Promise((resolve) => {
  const child = spawn(`npm run --silent ${name}`, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
  child.on('error', (error) => said.push(Buffer.from(`${error.message}\n`)));
  child.on('close', (code) => {
    process.stdout.write(Buffer.concat(said));
    if (code !== 0) process.stderr.write(`npm run ${name} failed\n`);
    resolve(code === 0);
  });
});

const passed = await Promise.all(CHECKS.map(run));
process.exitCode = passed.every(Boolean) ? 0 : 1;
