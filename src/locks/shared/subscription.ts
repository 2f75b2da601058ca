import type { AsyncLocalStorage } from 'node:async_hooks';
import { describeError } from '../../error-text';
import { elapsedSince, instantOf, type Instant, type Timer } from '../clock';
import type { Position, Subscriber, Subscription } from './channel-types';
import { backend, type Context } from './context';
import { keyOf } from './layout';
import { dueOf, headOf, messageKey, payloadOf, versionKey } from './messages';

export interface SubscriptionContext extends Context {
  readonly namespace: string;
  readonly pollMs: number;
  readonly maxBehind: number;
  readonly graceMs: number;
  /** Inside of a handler, and of all that it has started. */
  readonly handling: AsyncLocalStorage<Handling>;
}

export interface Handling {
  readonly of: object;
  /** What a handler has started may outlive it, and is no handler then. */
  over: boolean;
}

/** @throws LockBackendError, SharedRowError */
export const readHead = async ({ table, layout, namespace }: SubscriptionContext): Promise<Position> => {
  const key = versionKey(namespace);
  const answer = await table.read(keyOf(layout, key));
  if (answer.kind === 'failed') throw backend(key, 'reading', answer);
  return headOf(namespace, answer.item);
};

export const createSubscription = <M>(context: SubscriptionContext, { onMessage, onGap }: Subscriber<M>, start: { readonly position: Position; readonly currentAt: Instant }, onClose: () => void): Subscription => {
  const { table, layout, clock, random, logger, namespace, pollMs, maxBehind, graceMs, handling } = context;
  const self = {};
  let { position, currentAt } = start;
  /** A handler failed: what it knows is worth nothing until everything was refreshed. */
  let broken = false;
  let hole: { readonly version: number; readonly since: number } | undefined;
  let closed = false;
  let timer: Timer | undefined;
  let running: Promise<'current' | 'behind'> | undefined;
  let next: Promise<'current' | 'behind'> | undefined;

  const handle = async (task: () => Promise<void> | void): Promise<void> => {
    const call: Handling = { of: self, over: false };
    try {
      await handling.run(call, task);
    } finally {
      call.over = true;
    }
  };
  /** The handler that runs, of whichever subscription, where this is asked inside of it. */
  const inside = (): Handling | undefined => {
    const call = handling.getStore();
    return call?.over ? undefined : call;
  };

  const skipTo = async (head: Position): Promise<void> => {
    broken = true;
    await handle(() => onGap({ from: position, to: head }));
    broken = false;
    position = head;
    hole = undefined;
  };

  /** The number is given first and the message stored then: it may just be on its way. */
  const isMissed = (version: number): boolean => {
    const now = clock.monotonic();
    if (hole?.version !== version) hole = { version, since: now };
    return now - hole.since > graceMs;
  };

  const readMessage = async (version: number, epoch: string | undefined) => {
    const key = messageKey(namespace, version);
    const answer = await table.read(keyOf(layout, key));
    if (answer.kind === 'failed') throw backend(key, 'reading', answer);
    return payloadOf(answer.item, epoch);
  };

  const look = async (): Promise<'current' | 'behind'> => {
    const before = instantOf(clock);
    const head = await readHead(context);
    if (closed) return 'behind';
    const due = broken ? { kind: 'gap' as const } : dueOf(position, head, maxBehind);
    if (due.kind === 'gap') await skipTo(head);
    else if (due.kind === 'messages') {
      for (let version = due.from; version <= due.to; version += 1) {
        const payload = await readMessage(version, head.epoch);
        if (closed) return 'behind';
        if (!payload) {
          if (!isMissed(version)) return 'behind';
          await skipTo(head);
          break;
        }
        try {
          await handle(() => onMessage(payload.message as M, version));
        } catch (error) {
          logger.error('a message could not be handled; everything is refreshed', { namespace, version, error: describeError(error) });
          if (closed) return 'behind';
          await skipTo(head);
          break;
        }
        position = { epoch: head.epoch, version };
      }
    } else position = head;
    currentAt = before;
    return 'current';
  };

  /** One look at a time; whoever asks during one gets one that has not begun. */
  const sync = async (): Promise<'current' | 'behind'> => {
    // The look that has called the handler would wait for itself.
    if (inside()?.of === self) return 'behind';
    if (!running) {
      running = look().finally(() => { running = undefined; });
      return running;
    }
    next ??= running.catch(() => {}).then(() => { next = undefined; return sync(); });
    return next;
  };

  const schedule = (): void => {
    if (!closed) timer = clock.after(pollMs * (0.75 + random() / 2), () => void poll());
  };
  const poll = async (): Promise<void> => {
    try {
      await sync();
    } catch (error) {
      logger.warn('messages could not be looked for, or everything could not be refreshed; it is tried again', { namespace, error: describeError(error) });
    }
    schedule();
  };
  schedule();

  return {
    position: () => position,
    sync,
    staleForMs: () => elapsedSince(clock, currentAt),
    close: async () => {
      closed = true;
      timer?.cancel();
      const ended = Promise.allSettled([running, next]).then(onClose);
      // A handler that waits for this would wait for itself, or for another that waits for it.
      if (!inside()) await ended;
    },
  };
};
