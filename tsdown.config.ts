import { defineConfig } from 'tsdown';

// Explicit .js/.cjs names: package.json's `exports` points at them, and .js is ESM because of "type": "module".
export default defineConfig({
  entry: { index: 'src/index.ts', 'replay/index': 'src/replay/index.ts', 'cli/main': 'src/cli/main.ts' },
  format: ['esm', 'cjs'],
  outExtensions: ({ format }) => (format === 'es' ? { js: '.js', dts: '.d.ts' } : { js: '.cjs', dts: '.d.cts' }),
  platform: 'node',
  target: 'node20',
  dts: true,
  clean: true,
});
