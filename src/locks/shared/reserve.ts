import { take } from './take';
import type { ObjectContext } from './object-context';
import type { Granted } from './reservation';
import type { ObjectRow } from './row';
import type { Exists, Lifetime, ReserveOptions, Unavailable } from './types';
import { standingOf, viewOf } from './view';

/** Others may be quicker; a node that loses so often has others to wait for. */
const MAX_TRIES = 10;

/** At once: granted, or what there is instead. The first try takes it for absent, which costs one request where it is. */
export const reserve = async <V>(context: ObjectContext, id: string, options: ReserveOptions & Lifetime): Promise<{ readonly kind: 'granted'; readonly granted: Granted<V> } | Exists<V> | Unavailable<V>> => {
  const { newId, clock, watch, prefix, closed } = context;
  const reservationId = newId();
  let seen: ObjectRow | undefined;
  for (let tries = 1; ; tries += 1) {
    const taken = await take<V>(context, { id, seen, reservationId, options, signal: closed });
    if (taken.kind === 'granted') return taken;
    const standing = standingOf(taken.row, clock.wall());
    const free = standing.kind === 'free' || (standing.kind === 'reserved' && watch.remaining(prefix + id, standing.row) < 0);
    if (!free || tries >= MAX_TRIES) {
      const view = viewOf<V>(standing);
      return view.kind === 'absent' ? { kind: 'unavailable', reason: 'reserved' } : view;
    }
    seen = taken.row;
  }
};
