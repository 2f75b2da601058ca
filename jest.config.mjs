/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // The rules modules of fixtures/ are ES modules that import the package by its name: here, that is the source.
  transform: { '^.+\\.(tsx?|mjs)$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } }] },
  moduleNameMapper: {
    '^oplock-stream$': '<rootDir>/src/index.ts',
    '^oplock-stream/kinesis$': '<rootDir>/src/sinks/kinesis/index.ts',
    '^oplock-stream/(bff|locks|replay)$': '<rootDir>/src/$1/index.ts',
  },
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  testTimeout: 30_000,
  maxWorkers: 2,
};
