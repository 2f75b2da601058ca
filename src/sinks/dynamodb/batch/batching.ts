import { OplockStreamError } from '../../../errors';
import { describeFound } from '../../../found';
import { createStatementTexts, type StatementTexts } from '../../../oplock/attempt/statement-texts';
import type { Hint } from '../step';
import type { Strategy, UpdateOptions } from '../update-options';
import { createNewItems, type NewItems } from './new-items';
import type { Phase } from './phase';

/** How a sink batches, and what it knows of its table, from one invocation to the next. */
export interface Batching {
  readonly strategy: Exclude<Strategy, 'single'>;
  /** Statements in a request, 1 to 25. */
  readonly size: number;
  /** Fewer go as requests of their own. */
  readonly minimum: number;
  /** Requests under way at once. */
  readonly concurrency: number;
  /**
   * How many items are new, as far as was seen: of events that say that they made something, which are taken at their word
   * until the items say otherwise, and of the others.
   */
  readonly newItems: { readonly created: NewItems; readonly others: NewItems };
  readonly texts: StatementTexts;
  /** False as soon as it is seen that the engine, or the function's role, has no statements: then all is sent singly. */
  supported: boolean;
  /** Writes of which nobody knew whether their items are new. */
  unsure: number;
}

const MAX_SIZE = 25;

/** Where `auto` begins to batch: a handful of requests costs little CPU, and never a needless statement. */
const AUTO_MINIMUM = 8;

/** `undefined` where each write is a request of its own. Throws `INVALID_OPTION`. */
export const batchingOf = ({ strategy = 'auto', batchSize = MAX_SIZE }: UpdateOptions, concurrency: number): Batching | undefined => {
  if (strategy !== 'auto' && strategy !== 'single' && strategy !== 'batch') throw invalid('strategy', strategy, '\'auto\', \'batch\' or \'single\' belongs');
  if (!(Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= MAX_SIZE)) throw invalid('batchSize', batchSize, `a whole number from 1 to ${MAX_SIZE} belongs`);
  if (strategy === 'single' || batchSize === 1) return undefined;
  return { strategy, size: batchSize, minimum: strategy === 'auto' ? Math.min(AUTO_MINIMUM, batchSize) : 2, concurrency, newItems: { created: createNewItems(1), others: createNewItems(0) }, texts: createStatementTexts(), supported: true, unsure: 0 };
};

const invalid = (option: string, found: unknown, expected: string): OplockStreamError =>
  new OplockStreamError('INVALID_OPTION', `${option}: found ${describeFound(found)} where ${expected}`);

/** Between these two shares of new items, the failed statements of `auto` would cost more than the CPU that batches save. */
const [FEW, MANY] = [0.1, 0.9];

/** Of the writes in between, one in so many still goes as a statement, to see how things stand: as many in a row as make a batch. */
const PROBE_EVERY = 16;

/** What was seen of items of such events; `undefined` where it is known whether there is one. */
export const newItemsOf = ({ newItems }: Batching, hint: Hint): NewItems | undefined => {
  if (hint === undefined) return newItems.others;
  return hint === 'created' ? newItems.created : undefined;
};

/** What an item is expected to need. */
export const expectedPhase = (batching: Batching, hint: Hint): Phase => {
  const seen = newItemsOf(batching, hint);
  if (!seen) return hint === 'new' ? 'insert' : 'update';
  const share = seen.share();
  const likely = share > 0.5 ? 'insert' : 'update';
  if (batching.strategy === 'batch' || share <= FEW || share >= MANY) return likely;
  const turn = batching.unsure % (PROBE_EVERY * batching.minimum);
  batching.unsure += 1;
  return turn < batching.minimum ? likely : 'single';
};
