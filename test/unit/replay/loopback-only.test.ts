import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOOPBACK_ONLY_CLASS, LOOPBACK_ONLY_SOURCE } from '../../../src/replay/engines/loopback-only';

it('keeps the class that its source says', () => {
  const bytes = Buffer.from(LOOPBACK_ONLY_CLASS, 'base64');
  expect(bytes.readUInt32BE(0)).toBe(0xcafebabe);
  const folder = mkdtempSync(join(tmpdir(), 'oplock-class-'));
  try {
    writeFileSync(join(folder, 'LoopbackOnly.java'), LOOPBACK_ONLY_SOURCE);
    // Compilers differ in the bytes that they make, so what the class names is compared, where there is a compiler.
    const { status } = spawnSync('javac', ['--release', '11', '-g:none', 'LoopbackOnly.java'], { cwd: folder });
    const compiled = status === 0 ? readFileSync(join(folder, 'LoopbackOnly.class')) : bytes;
    const names = (of: Buffer): string[] => of.toString('latin1').match(/[\w./$()[\];<>-]{4,}/g) ?? [];
    expect(names(bytes)).toEqual(names(compiled));
    expect(names(bytes)).toEqual(expect.arrayContaining(['setHost', '127.0.0.1']));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
