import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { OplockStreamError } from '../errors';

interface Jiti {
  readonly createJiti: (from: string, options: { fsCache: boolean }) => { import(path: string): Promise<unknown> };
}

/** Node loads JavaScript itself; TypeScript goes through jiti, which is only loaded when there is some. */
export const importModule = async (path: string): Promise<unknown> => {
  if (!['.ts', '.mts'].includes(extname(path))) return import(pathToFileURL(path).href);
  let jiti: Jiti;
  try {
    jiti = createRequire(import.meta.url)('jiti') as Jiti;
  } catch (error) {
    throw new OplockStreamError('DEPENDENCY_MISSING', 'TypeScript modules need the package jiti, which is not installed. Run: npm install jiti@2', { cause: error });
  }
  // Without the cache nothing is written beside the user's files.
  return jiti.createJiti(pathToFileURL(path).href, { fsCache: false }).import(path);
};
