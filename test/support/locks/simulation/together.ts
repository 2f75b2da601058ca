import { isRefused } from './held';
import { sleep } from './sleep';
import { tolerantly } from './tolerance';
import type { Session, User } from './user';
import type { createWork } from './work';

/** More than all others can do in a schedule: whoever waits for so long waits for somebody who waits, too. */
const PATIENT_MS = 300_000;

/** One session with several locks at once. */
export const useTogether = async (
  user: User, { ids, wish, work: deeds, release: gives }: Session & { readonly ids: readonly string[] }, { under, guard }: ReturnType<typeof createWork>,
): Promise<void> => {
  const { actor, ownerName, machine, time, witness, attempts, onProblem } = user;
  const [calledAt, aheadBefore] = [time.now(), machine.ahead()];
  const together = await tolerantly(user, 'acquireAll', async () => actor.acquireAll?.(ids, wish.how === 'wait' ? { ...wish, waitMs: PATIENT_MS } : wish));
  if (!together) return;
  const at = { from: calledAt, to: time.now() };
  if (isRefused(together)) {
    attempts.push({ node: ownerName, ids, at });
    if (wish.how === 'wait' && together.refused === 'unavailable') onProblem(`has waited in vain for ${ids.join(', ')}`);
    return;
  }
  const locks = together.locks.map((held) => ({ held, key: held.key ?? '', testimony: witness.granted({ id: held.key ?? '', ownerName, machine, held, calledAt, aheadBefore }) }));
  attempts.push({ node: ownerName, ids, at, granted: locks.map(({ key, held }) => ({ id: key, acquisitionId: held.acquisitionId ?? '' })) });
  await tolerantly(user, 'work', async () => {
    for (const deed of deeds) {
      if (deed.kind === 'guard') await guard(locks, together.guard, deed.ms);
      else if (deed.kind === 'pause') await sleep(machine.clock, deed.ms);
      else if (deed.kind === 'heartbeat') await together.heartbeat();
      else if (deed.kind !== 'again' && deed.kind !== 'handOver') for (const { held, key } of locks) await under(held, key, deed);
    }
  });
  if (!gives) return;
  await tolerantly(user, 'release', async () => {
    for (const { testimony } of locks) testimony.releaseCalled();
    const outcome = await together.release();
    // Otherwise it is the worst of theirs.
    if (outcome === 'released') for (const { testimony } of locks) testimony.released(outcome);
  });
};
