import { defineConfig, type UserConfig } from 'tsdown';

const library = {
  index: 'src/index.ts',
  'bff/index': 'src/bff/index.ts',
  'kinesis/index': 'src/sinks/kinesis/index.ts',
  'locks/index': 'src/locks/index.ts',
  'replay/index': 'src/replay/index.ts',
};

const common: UserConfig = {
  platform: 'node',
  target: 'node20',
  // The build script empties dist/ once, for all of them.
  clean: false,
  // Editors read the docstrings in the types.
  outputOptions: { comments: { jsdoc: false } },
  checks: { pluginTimings: false },
};

/** For Node: few files, because each one takes time to find and to read. */
const packed: UserConfig = {
  ...common,
  dts: true,
  // Public types name the global `Highland`; a consumer whose tsconfig lists its `types` would not have it.
  banner: { dts: '/// <reference types="highland" />' },
};

/**
 * For bundlers, which take the condition `module` of package.json's `exports`: a file per file of src/. They leave out whole
 * files. Of one that they keep they also keep the packages that it imports and that do not say that they have no side
 * effects (Highland, the document client), and texts that are put together when it is loaded.
 */
const apart: UserConfig = {
  ...common,
  dts: false,
  entry: Object.values(library),
  format: 'esm',
  unbundle: true,
  root: 'src',
  outDir: 'dist/modules',
  // A constant in place of its import would leave an import for nothing, of which bundlers warn.
  inputOptions: { optimization: { inlineConst: false } },
  outExtensions: () => ({ js: '.js' }),
};

// Explicit .js/.cjs names: package.json's `exports` points at them, and .js is ESM because of "type": "module".
export default defineConfig([
  { ...packed, entry: { ...library, 'cli/main': 'src/cli/main.ts' }, format: 'esm', outExtensions: () => ({ js: '.js', dts: '.d.ts' }) },
  { ...packed, entry: library, format: 'cjs', outExtensions: () => ({ js: '.cjs', dts: '.d.cts' }) },
  apart,
]);
