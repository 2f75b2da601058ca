import { requireOptional } from '../engines/optional';

/** What is used of it. */
export type FastCheck = Pick<
  typeof import('fast-check'), 'array' | 'asyncProperty' | 'check' | 'constantFrom' | 'integer' | 'nat' | 'record' | 'shuffledSubarray'
>;

/** An optional package: only those who test with `converge` need it. Throws `DEPENDENCY_MISSING`. */
export const loadFastCheck = (): FastCheck => requireOptional<FastCheck>('fast-check', 'converge', 'npm install --save-dev fast-check');
