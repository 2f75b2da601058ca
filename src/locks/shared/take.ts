import { instantOf, type Instant } from '../clock';
import { defined } from '../../defined';
import { backend, sendUntilAnswered } from './context';
import { lifetimeOf } from './lifetime';
import { parse, writing, type ObjectContext } from './object-context';
import { beatRequest, reserveRequest } from './requests';
import type { Granted } from './reservation';
import type { ObjectRow } from './row';
import type { Lifetime, ReserveOptions } from './types';
import { staleOf } from './view';

export type Taken<V> = { readonly kind: 'granted'; readonly granted: Granted<V> } | { readonly kind: 'refused'; readonly row: ObjectRow | undefined };

/** What is to be reserved, and how it was seen. */
export interface Taking {
  readonly id: string;
  readonly seen: ObjectRow | undefined;
  readonly reservationId: string;
  readonly options: ReserveOptions & Lifetime;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One try to reserve what was seen, and only as it was seen. A refusal that shows our own id is an earlier try whose
 * answer was lost; nobody knows when it was executed, so it counts from a renewal.
 * @throws LockBackendError, SharedRowError
 */
export const take = async <V>(context: ObjectContext, { id, seen, reservationId, options, signal }: Taking): Promise<Taken<V>> => {
  const { defaults, prefix, table, clock } = context;
  const key = prefix + id;
  const leaseMs = options.leaseMs ?? defaults.leaseMs;
  const grant = (gen: number, since: Instant, row: ObjectRow | undefined): Taken<V> => ({
    kind: 'granted',
    granted: {
      id, key, leaseMs, reservationId, gen, since, maxComputeMs: options.maxComputeMs ?? defaults.maxComputeMs,
      lifetime: lifetimeOf(options, defaults), stale: staleOf<V>(row),
    },
  });

  const own = (row: ObjectRow | undefined): boolean => row?.state === 'RESERVED' && row.reservationId === reservationId;
  let known = own(seen) ? seen : undefined;
  if (!known) {
    const { answer, sentAt } = await sendUntilAnswered(context, reserveRequest(writing(context, key), seen, reservationId, leaseMs), { tries: 3, ...defined({ signal }) });
    if (answer.kind === 'failed') throw backend(key, 'reserving', answer);
    if (answer.kind === 'done') return grant((seen?.gen ?? 0) + 1, sentAt, seen);
    const row = parse(key, answer.item);
    if (!row || !own(row)) return { kind: 'refused', row };
    known = row;
  }
  const sentAt = instantOf(clock);
  const answer = await table.write(beatRequest(writing(context, key), { reservationId, gen: known.gen }), { signal });
  if (answer.kind === 'failed') throw backend(key, 'reserving', answer);
  return answer.kind === 'done' ? grant(known.gen, sentAt, known) : { kind: 'refused', row: parse(key, answer.item) };
};
