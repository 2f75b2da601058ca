import { flatten, type StreamEvent } from './fixture/read';
import { seededRandom, type Random } from './fixture/random';
import { cut, duplicate, inBatches, shuffle } from './fixture/reorder';

export interface OrderOptions {
  /** Deliver the records in random order. Default false: as recorded. */
  readonly shuffle?: boolean;
  /** Copies per record, delivered again at random later places: 0.2 is 20 % more deliveries. Default 0. */
  readonly duplicate?: number;
  /** Cut each invocation at random places: its records arrive in two or more. Default false. */
  readonly split?: boolean;
  /** Of what is random: the same seed gives the same. Default 1. */
  readonly seed?: number;
  /** Records per invocation. Default: as recorded, or 100 when they are shuffled or duplicated. */
  readonly batchSize?: number;
}

/** The batches of records to deliver, one after the other. */
export const deliveryOrder = (events: readonly StreamEvent[], options: OrderOptions): readonly (readonly unknown[])[] => {
  const random = seededRandom(options.seed ?? 1);
  const batches = wholeBatches(events, options, random);
  // Last of all: with the same seed the order is the same, whole or in pieces.
  return options.split ? batches.flatMap((batch) => cut(batch, random)) : batches;
};

const wholeBatches = (events: readonly StreamEvent[], options: OrderOptions, random: Random): readonly (readonly unknown[])[] => {
  const ratio = options.duplicate ?? 0;
  const asRecorded = !options.shuffle && ratio === 0;
  if (asRecorded && options.batchSize === undefined) return events.map(({ Records }) => Records);
  const recorded = flatten(events);
  const ordered = options.shuffle ? shuffle(recorded, random) : recorded;
  return inBatches(asRecorded ? ordered : duplicate(ordered, ratio, random), options.batchSize ?? 100);
};
