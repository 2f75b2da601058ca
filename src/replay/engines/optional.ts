import { createRequire } from 'node:module';
import { OplockStreamError } from '../../errors';

// The optional packages are CommonJS and must not be pulled into a bundle: hence `require`, made here. A CommonJS bundle has
// no `import.meta.url`.
const requireHere = createRequire(import.meta.url || `${process.cwd()}/`);

const isMissing = (error: unknown, specifier: string): boolean =>
  (error as { code?: string }).code === 'MODULE_NOT_FOUND' && String((error as Error).message).includes(specifier);

const packageOf = (specifier: string): string => specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');

/** Loads a module of an optional package, or throws `DEPENDENCY_MISSING` with the command that installs it. */
export const requireOptional = <T>(specifier: string, what: string, install: string): T => {
  try {
    return requireHere(specifier) as T;
  } catch (error) {
    if (!isMissing(error, specifier)) throw error;
    throw new OplockStreamError('DEPENDENCY_MISSING', `${what} needs the package ${packageOf(specifier)}, which is not installed. Run: ${install}`, { cause: error });
  }
};

/** Path of a file of an installed package, looked for from the working directory first, then from here. */
export const resolveInstalled = (specifier: string): string | undefined => {
  for (const resolve of [createRequire(`${process.cwd()}/`).resolve, requireHere.resolve]) {
    try {
      return resolve(specifier);
    } catch {
      // not there: the next place
    }
  }
  return undefined;
};
