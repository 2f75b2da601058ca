/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // The rules modules of fixtures/ are ES modules that import the package by its name: here, that is the source.
  transform: { '^.+\\.(tsx?|mjs)$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } }] },
  moduleNameMapper: {
    '^fast-check$': '<rootDir>/test/support/fast-check.cjs',
    '^oplock-stream$': '<rootDir>/src/index.ts',
    '^oplock-stream/kinesis$': '<rootDir>/src/sinks/kinesis/index.ts',
    '^oplock-stream/(bff|locks|replay)$': '<rootDir>/src/$1/index.ts',
  },
  // Within a test's context each look at a global goes through a proxy: handed over like `require`, they make the tests
  // faster by a fifth, and those that count much three times as fast. Nothing that a fake clock replaces, and nothing
  // that a package declares anew (`const { Buffer } = …`).
  sandboxInjectedGlobals: [
    'Array', 'ArrayBuffer', 'BigInt', 'Boolean', 'Error', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Promise', 'Proxy', 'Reflect', 'RegExp',
    'Set', 'String', 'Symbol', 'TypeError', 'Uint8Array', 'WeakMap', 'WeakSet',
  ],
  setupFiles: ['<rootDir>/test/support/setup.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  testSequencer: '<rootDir>/test/support/sequencer.mjs',
  testTimeout: 30_000,
  maxWorkers: 2,
};
