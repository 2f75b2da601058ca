import type { Attempt } from '../attempt/attempt';
import type { OplockSettings } from '../settings';
import type { Write } from '../write';
import { inEpoch } from './epoch';

/** The attempt under the rules that the options have for the item as a whole. */
export const guardItem = (attempt: Attempt, { key }: Write, { attributes, epoch }: OplockSettings): Attempt =>
  epoch === undefined ? attempt : inEpoch(attempt, key, attributes.epoch as string, epoch);
