import { defineConfig, type UserConfig } from 'tsdown';

const library = {
  index: 'src/index.ts',
  'bff/index': 'src/bff/index.ts',
  'kinesis/index': 'src/sinks/kinesis/index.ts',
  'replay/index': 'src/replay/index.ts',
};

const common: UserConfig = {
  platform: 'node',
  target: 'node20',
  dts: true,
  // Public types name the global `Highland`; a consumer whose tsconfig lists its `types` would not have it.
  banner: { dts: '/// <reference types="highland" />' },
  // The build script empties dist/ once, for both.
  clean: false,
  checks: { pluginTimings: false },
};

// Explicit .js/.cjs names: package.json's `exports` points at them, and .js is ESM because of "type": "module".
export default defineConfig([
  { ...common, entry: { ...library, 'cli/main': 'src/cli/main.ts' }, format: 'esm', outExtensions: () => ({ js: '.js', dts: '.d.ts' }) },
  { ...common, entry: library, format: 'cjs', outExtensions: () => ({ js: '.cjs', dts: '.d.cts' }) },
]);
