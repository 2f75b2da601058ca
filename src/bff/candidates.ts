import { describeFound } from '../found';
import { invalidCommand } from './plan/attributes-to-set';
import { MAX_VERSION } from './plan/next';
import type { Settings } from './settings';
import { PRESENT, type ExpectedPresent, type Version } from './version';

/**
 * The versions that are looked for; `undefined`: any. What no item can have as its version is left out: text where
 * versions are numbers, and numbers beyond what they are counted in. Throws `INVALID_COMMAND` for what is no version.
 */
export const candidates = ({ strategy }: Settings, expected: ExpectedPresent): readonly Version[] | undefined => {
  if (expected === PRESENT) return undefined;
  const list: readonly unknown[] = Array.isArray(expected) ? expected : [expected];
  const wrong = list.findIndex((version) => typeof version !== 'string' && !(typeof version === 'number' && Number.isFinite(version)));
  if (wrong >= 0) throw invalidCommand(`expected: found ${describeFound(list[wrong])} where the version that was read, a list of versions, or PRESENT belongs`);
  // It would be a conflict for ever, with nobody to blame but the other writers.
  if (typeof expected === 'string' && typeof strategy !== 'function' && /^(W\/)?"/.test(expected)) {
    throw invalidCommand(`expected: found ${describeFound(expected)}, which is an ETag and no version. Make what is expected of the headers: expectedOf(preconditionOf(headers), 'update')`);
  }
  return (list as readonly Version[]).filter((version) => (typeof version === 'number' ? Math.abs(version) <= MAX_VERSION : typeof strategy === 'function'));
};
