import type { Settings } from './settings';
import { PRESENT, type ExpectedPresent, type Version } from './version';

/** The versions that are looked for; `undefined`: any. Text is never the version where versions are numbers. */
export const candidates = ({ strategy }: Settings, expected: ExpectedPresent): readonly Version[] | undefined => {
  if (expected === PRESENT) return undefined;
  const list = (Array.isArray(expected) ? expected : [expected]) as readonly Version[];
  return typeof strategy === 'function' ? list : list.filter((version) => typeof version === 'number');
};
