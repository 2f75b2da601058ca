import { flatten, type StreamEvent } from './fixture/read';
import { seededRandom } from './fixture/random';
import { duplicate, inBatches, shuffle } from './fixture/reorder';

export interface OrderOptions {
  /** Deliver the records in random order. Default false: as recorded. */
  readonly shuffle?: boolean;
  /** Copies per record, delivered again at random later places: 0.2 is 20 % more deliveries. Default 0. */
  readonly duplicate?: number;
  /** Of the random order: the same seed gives the same. Default 1. */
  readonly seed?: number;
  /** Records per invocation. Default: as recorded, or 100 when they are shuffled or duplicated. */
  readonly batchSize?: number;
}

/** The batches of records to deliver, one after the other. */
export const deliveryOrder = (events: readonly StreamEvent[], options: OrderOptions): readonly (readonly unknown[])[] => {
  const random = seededRandom(options.seed ?? 1);
  const ratio = options.duplicate ?? 0;
  const asRecorded = !options.shuffle && ratio === 0;
  if (asRecorded && options.batchSize === undefined) return events.map(({ Records }) => Records);
  const recorded = flatten(events);
  const ordered = options.shuffle ? shuffle(recorded, random) : recorded;
  return inBatches(asRecorded ? ordered : duplicate(ordered, ratio, random), options.batchSize ?? 100);
};
