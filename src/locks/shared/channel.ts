import { AsyncLocalStorage } from 'node:async_hooks';
import { setMaxListeners } from 'node:events';
import { instantOf } from '../clock';
import type { Channel, ChannelOptions, Subscription } from './channel-types';
import { backend, sendUntilAnswered, throwIfEnded } from './context';
import { headOf, messageKey, messageRequest, numberRequest, versionKey } from './messages';
import { checkId, checkNumbers, contextOf, MAX_BYTES } from './settings';
import { createSubscription, readHead, type SubscriptionContext } from './subscription';
import { encode } from './value';

/**
 * Messages to every node that subscribes. The version row counts them and is always right: a node that does not find the
 * message to a number knows that it has missed something.
 * @throws OplockStreamError `INVALID_OPTION`
 */
export const createChannel = <M = unknown>(options: ChannelOptions): Channel<M> => {
  const { namespace, pollMs = 1_000, maxBehind = 100, graceMs = 2_000, requestTimeoutMs = 5_000, ttl = {} } = options;
  checkId('msg#00000000000000000#', namespace);
  checkNumbers({ pollMs });
  checkNumbers({ maxBehind, graceMs }, 0);
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // one for each who waits
  const context: SubscriptionContext = { ...contextOf(options, { afterDays: 1, ...ttl }, requestTimeoutMs, controller.signal), namespace, pollMs, maxBehind, graceMs, handling: new AsyncLocalStorage() };
  const { layout, newId, clock, closed } = context;
  const subscriptions = new Set<Subscription>();

  return {
    send: async (message) => {
      const key = versionKey(namespace);
      throwIfEnded(key, closed);
      const encoded = encode(message, MAX_BYTES);
      const numbered = await sendUntilAnswered(context, numberRequest({ layout, namespace, rowVersion: newId(), sendId: newId(), epoch: newId() }));
      if (numbered.answer.kind === 'failed') throw backend(key, 'counting', numbered.answer);
      const position = headOf(namespace, numbered.answer.item);
      const stored = await sendUntilAnswered(context, messageRequest(layout, namespace, position, encoded, newId(), clock.wall()));
      if (stored.answer.kind === 'failed') throw backend(messageKey(namespace, position.version), 'storing the message', stored.answer);
      return position.version;
    },
    subscribe: async (subscriber) => {
      throwIfEnded(versionKey(namespace), closed);
      // Whoever goes on from somewhere has perhaps missed something, and finds out at the first look.
      const currentAt = subscriber.from ? { monotonic: -Infinity, wall: -Infinity } : instantOf(clock);
      const position = subscriber.from ?? await readHead(context);
      throwIfEnded(versionKey(namespace), closed);
      const subscription = createSubscription(context, subscriber, { position, currentAt }, () => subscriptions.delete(subscription));
      subscriptions.add(subscription);
      return subscription;
    },
    close: async () => {
      controller.abort();
      await Promise.all([...subscriptions].map((subscription) => subscription.close()));
    },
  };
};
