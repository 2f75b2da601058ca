import type { Attempt, Result } from '../../../src/oplock/attempt/attempt';
import type { Item } from '../../../src/oplock/condition/evaluate';
import { afterRefusal, single } from '../../support/plans';
import { send } from './model';

/** An event on its way to an item: its first attempt is made anew with each delivery. */
export interface Delivery {
  readonly pk: string;
  readonly first: () => Attempt;
}

export interface Played<D extends Delivery> {
  readonly table: Map<string, Item>;
  readonly ends: readonly { readonly delivery: D; readonly result: Result }[];
}

const MAX_ROUNDS = 50;

/**
 * Deliveries in any order, any of them up to three times, several under way at once, so that between two requests of one
 * anything may happen to the item; and processes that die before they read an answer.
 */
export const playInterleaved = <D extends Delivery>(deliveries: readonly D[], random: () => number, table = new Map<string, Item>()): Played<D> => {
  const pick = (n: number): number => Math.floor(random() * n);
  const ends: { delivery: D; result: Result }[] = [];
  const waiting = deliveries.flatMap((delivery) => Array.from({ length: 1 + pick(3) }, () => delivery));
  const underWay: { readonly delivery: D; attempt: Attempt; rounds: number }[] = [];
  const concurrency = 1 + pick(4);
  let requests = 0;
  while (waiting.length + underWay.length > 0) {
    if (waiting.length > 0 && underWay.length < concurrency && random() < 0.5) {
      const [delivery] = waiting.splice(pick(waiting.length), 1) as [D];
      underWay.push({ delivery, attempt: delivery.first(), rounds: 0 });
      continue;
    }
    const index = pick(underWay.length);
    const one = underWay[index];
    if (!one) continue;
    const answer = send(single(one.attempt), table.get(one.delivery.pk));
    requests += 1;
    if (answer.item) table.set(one.delivery.pk, answer.item);
    const end = (result?: Result): void => {
      underWay.splice(index, 1);
      if (result) ends.push({ delivery: one.delivery, result });
      else waiting.push(one.delivery);
    };
    if (random() < 0.1 && requests < 200) end();
    else if (answer.applied) end(one.attempt.results[0]);
    else {
      const next = afterRefusal(one.attempt, answer.item);
      one.rounds += 1;
      if (one.rounds > MAX_ROUNDS) throw new Error('it never ends');
      if (next.kind === 'attempt') one.attempt = next;
      else end(next);
    }
  }
  return { table, ends };
};

/** Own attributes only: some are named as those of every object are. */
export const plainTable = (table: ReadonlyMap<string, Item | undefined>) => new Map([...table].map(([pk, item]) => [pk, new Map(Object.entries(item ?? {}))]));
