import { defineConfig, type UserConfig } from 'tsdown';

const library = {
  index: 'src/index.ts',
  'bff/index': 'src/bff/index.ts',
  'kinesis/index': 'src/sinks/kinesis/index.ts',
  'locks/index': 'src/locks/index.ts',
  'replay/index': 'src/replay/index.ts',
};

/**
 * What takes classes out of the document client's package has a file of its own in dist/, and is no entry of the package:
 * that package does not say that it has no side effects, so a bundler keeps it wherever it keeps a file that imports it.
 */
const apart = {
  ...Object.fromEntries(['client', 'exact', 'send-request'].map((name) => [`sdk/${name}`, `src/sinks/dynamodb/${name}.ts`])),
  // Wherever the exact commands go, their numbers go too, and would share their file.
  'sdk/decimal': 'src/decimal.ts',
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
  { ...common, entry: { ...library, ...apart, 'cli/main': 'src/cli/main.ts' }, format: 'esm', outExtensions: () => ({ js: '.js', dts: '.d.ts' }) },
  { ...common, entry: { ...library, ...apart }, format: 'cjs', outExtensions: () => ({ js: '.cjs', dts: '.d.cts' }) },
]);
