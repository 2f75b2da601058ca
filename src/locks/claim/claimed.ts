import { accountable, invocationOf, stageOf, startStage } from '../../ledger/accountable';
import { entryOf } from '../../ledger/entry';
import { Invocation } from '../../ledger/invocation';
import { createStage } from '../../ledger/stage';
import { unordered } from '../../steps/unordered';
import type { Uow } from '../../uow';
import { checkClaimed, type Claimable, type ClaimedOptions, type WithEffect } from './claimed-options';
import { createEffectQueue, visit, type Claimant } from './effect';

/**
 * A side effect that happens about once per event, however often the event is delivered:
 * `.through(claimed({ claims, run: (uow) => sendMail(uow.event) }))`. Adds `uow.outcome` and `uow.effect`:
 * - `published`: `run` has returned; the effect is remembered
 * - `duplicate`: it was done before
 * - `retry` (`held`): another node is at it. It may die, so the event is reported back, and judged when it comes again
 * - `retry` (`deadline`): the invocation's time was up first
 * - `filtered`: the table of claims did not answer, and `onError` is `skip`
 *
 * What `run` throws gives the claim back and goes the usual way: `retry` for a transient error, else `fault`. Effects of one
 * key keep the order of its events, and events behind one that is to be retried wait for it; different keys never wait for each other.
 *
 * An event that a sink before it has set aside, or reported back, passes. All others have the effect: filter what should not.
 *
 * Make the step once, outside the handler. Throws `INVALID_OPTION`.
 */
export const claimed = <U extends Claimable = Uow, T = unknown>(options: ClaimedOptions<U, T>) => {
  checkClaimed(options);
  const { claims, concurrency = 16 } = options;

  return <V extends U>(source: Highland.Stream<V>): Highland.Stream<V & WithEffect<T>> => {
    const invocation = invocationOf(source) ?? new Invocation();
    const queue = invocation.share(options, () => createEffectQueue(concurrency));
    const claimants = invocation.share(claims, () => new Map<string, Claimant>());
    const stage = stageOf(accountable(source, invocation));
    stage?.join();
    let arrivals = 0;
    const sink = unordered<V, V & WithEffect<T>>(
      (uow, emit, done) => {
        arrivals += 1;
        visit<V, T>({ uow, emit, done, options, invocation, queue, claimants, entry: entryOf(uow), arrival: arrivals });
      },
      Infinity,
      () => stage?.ended(),
    );
    const output = sink(source);
    startStage(output, createStage(invocation, stage?.pipeline ?? ''));
    return output;
  };
};
