import type { TroubleKind } from '../troubles/trouble';

export interface Trouble {
  readonly kind: TroubleKind;
  /** Which request of the history, from 0. */
  readonly at: number;
}

/** A way in which records may arrive. Records are meant by their place among all, in the order in which they happened. */
export interface History {
  /** One number for each delivery; the same record up to three times. */
  readonly order: readonly number[];
  /** How many deliveries the first invocations get; the rest come one by one. */
  readonly sizes: readonly number[];
  readonly troubles: readonly Trouble[];
}

export const MAX_COPIES = 3;

/** The deliveries of each invocation. */
export const batchesOf = ({ order, sizes }: History): readonly (readonly number[])[] => {
  const batches: (readonly number[])[] = [];
  let from = 0;
  for (const size of sizes) {
    if (from >= order.length) break;
    batches.push(order.slice(from, from + size));
    from += size;
  }
  return [...batches, ...order.slice(from).map((one) => [one])];
};

/** The records that take part, in the order in which they happened. */
export const takingPart = ({ order }: History): readonly number[] => [...new Set(order)].sort((a, b) => a - b);

/** Undisturbed: each record once, each in an invocation of its own. */
export const inOrder = (records: readonly number[]): History => ({ order: records, sizes: [], troubles: [] });

/** The same history, with those at its end that it leaves out. */
export const withAll = (history: History, count: number): History => {
  const there = new Set(history.order);
  const missing = Array.from({ length: count }, (_, i) => i).filter((i) => !there.has(i));
  return { ...history, order: [...history.order, ...missing] };
};
