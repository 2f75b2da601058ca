import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Attempt, PermitAsk } from '../checker';
import { isRefused, type Actor, type Held, type Wish } from './held';
import type { Machine } from './machine';
import type { Mail } from './mail';
import { sleep } from './sleep';
import type { Store } from './store';
import { useTogether } from './together';
import { tolerantly } from './tolerance';
import type { VirtualTime } from './virtual-time';
import type { Testimony, Witness } from './witness';
import { createWork, type Work } from './work';

/** What happens to a lock besides work. */
export type Deed =
  | Work
  /** The same lock once more, of a client that counts; `release`: it is given back when the deeds are done. */
  | { readonly kind: 'again'; readonly deeds: readonly Deed[]; readonly release: boolean }
  /** The handle is sent to the others, whoever takes it; and the holder goes on. */
  | { readonly kind: 'handOver' };

export interface Session {
  readonly id: string;
  /** All of these, instead of the one: in this order, and some of them more than once. */
  readonly ids?: readonly string[] | undefined;
  readonly after: number;
  readonly wish: Wish;
  readonly work: readonly Deed[];
  /** Otherwise it is left to close(). */
  readonly release: boolean;
}

export interface User {
  readonly actor: Actor;
  readonly ownerName: string;
  readonly machine: Machine;
  readonly store: Store;
  readonly client: DynamoDBDocumentClient;
  readonly time: VirtualTime;
  readonly witness: Witness;
  readonly mail: Mail;
  readonly permits: PermitAsk[];
  readonly attempts: Attempt[];
  /** Something was not as the clients promise. */
  readonly onProblem: (problem: string) => void;
}

/** Runs one task of a node: its sessions, one after the other. */
export const runSessions = async (user: User, sessions: readonly Session[]): Promise<void> => {
  const { actor, ownerName, machine, time, witness, mail, permits } = user;
  const work = createWork(user);

  const acquire = async (id: string, wish: Wish): Promise<{ readonly held: Held; readonly key: string; readonly testimony: Testimony } | undefined> => {
    const calledAt = time.now();
    const answer = await tolerantly(user, 'acquire', () => actor.acquire(id, wish)) ?? { refused: 'unknown' };
    const [held, refused] = isRefused(answer) ? [undefined, answer.refused] : [answer, undefined];
    if (wish.permits !== undefined && (held || refused === 'unavailable')) permits.push({ pool: id, size: wish.permits, at: { from: calledAt, to: time.now() }, key: held?.key });
    const key = held?.key ?? id;
    return held && { held, key, testimony: witness.granted({ id: key, ownerName, machine, held, calledAt }) };
  };
  const release = (held: Held, testimony: Testimony): Promise<void> => tolerantly(user, 'release', async () => {
    testimony.releaseCalled();
    testimony.released(await held.release());
  });
  const again = async (id: string, wish: Wish, deeds: readonly Deed[], gives: boolean): Promise<void> => {
    const got = await acquire(id, { ...wish, reentrant: true });
    if (!got) return;
    await doAll(got.held, id, wish, deeds);
    if (gives) await release(got.held, got.testimony);
  };
  const handOver = (held: Held, id: string): void => {
    const { acquisitionId } = held;
    if (!held.handle || acquisitionId === undefined) throw new Error('it cannot be handed over');
    mail.send({ id, from: ownerName, handle: held.handle(), acquisitionId });
  };
  const doAll = (held: Held, id: string, wish: Wish, deeds: readonly Deed[]): Promise<void> => tolerantly(user, 'work', async () => {
    for (const deed of deeds) {
      if (deed.kind === 'again') await again(id, wish, deed.deeds, deed.release);
      else if (deed.kind === 'handOver') handOver(held, id);
      else await work.under(held, id, deed);
    }
  });

  for (const session of sessions) {
    const { id, ids, after, wish, work: deeds, release: gives } = session;
    await sleep(machine.clock, after);
    if (ids) {
      await useTogether(user, { ...session, ids }, work);
      continue;
    }
    const got = await acquire(id, wish);
    if (!got) continue;
    await doAll(got.held, got.key, wish, deeds);
    if (gives) await release(got.held, got.testimony);
  }
};
