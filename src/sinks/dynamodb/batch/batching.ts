import { OplockStreamError } from '../../../errors';
import { describeFound } from '../../../found';
import type { UpdateOptions } from '../update-options';
import { createNewItems } from './phase';
import type { Batching } from './requests';

const MAX_SIZE = 25;

/** `undefined` where each write is a request of its own. Throws `INVALID_OPTION`. */
export const batchingOf = ({ strategy = 'single', batchSize = MAX_SIZE }: UpdateOptions, concurrency: number): Batching | undefined => {
  if (strategy !== 'single' && strategy !== 'batch') throw invalid('strategy', strategy, '\'single\' or \'batch\' belongs');
  if (!(Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= MAX_SIZE)) throw invalid('batchSize', batchSize, `a whole number from 1 to ${MAX_SIZE} belongs`);
  return strategy === 'batch' ? { size: batchSize, concurrency, newItems: createNewItems(), supported: true } : undefined;
};

const invalid = (option: string, found: unknown, expected: string): OplockStreamError =>
  new OplockStreamError('INVALID_OPTION', `${option}: found ${describeFound(found)} where ${expected}`);
