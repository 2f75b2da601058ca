import { firstDelivery, nextDeliveries, type Delivery, type Invocation, type RetryRules } from '../../src/replay/next-deliveries';

export interface Delivered<R> {
  readonly delivered: readonly R[];
  readonly givenUp: readonly R[];
  readonly invocations: readonly (readonly R[])[];
}

/** Follows a batch through all its deliveries, without any stream. */
export const deliverAll = <R>(batch: readonly R[], invoke: (records: readonly R[]) => Invocation, rules: RetryRules): Delivered<R> => {
  const [delivered, givenUp, invocations]: [R[], R[], (readonly R[])[]] = [[], [], []];
  let pending: readonly Delivery<R>[] = [firstDelivery(batch)];
  for (let current = pending[0]; current; current = pending[0]) {
    if (invocations.length > 100_000) throw new Error('It does not end.');
    invocations.push(current.records);
    const { next, ...settled } = nextDeliveries(current, invoke(current.records), rules);
    delivered.push(...settled.delivered);
    givenUp.push(...settled.givenUp);
    pending = [...next, ...pending.slice(1)];
  }
  return { delivered, givenUp, invocations };
};
