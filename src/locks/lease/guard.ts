import { OplockStreamError } from '../../errors';
import { fromAttributeMap } from '../../attribute-value';
import { classifyError } from '../../faults/classify';
import { fullJitter } from '../../retry';
import { pause } from '../clock';
import { LockBackendError } from '../errors';
import type { Held } from './held';
import { whose } from './judge';
import { checkItem } from './requests';
import type { Settings } from './settings';
import type { TransactItem } from './types';

/** A transaction takes 100, one of which is the lock's. */
const MAX_ITEMS = 99;
const MAX_TRIES = 10;
const BACKOFF = { baseMs: 20, capMs: 500 };

interface Reason {
  readonly Code?: string;
  readonly Item?: Readonly<Record<string, unknown>>;
}

const reasonsOf = (error: unknown): readonly Reason[] | undefined => {
  const { name, CancellationReasons } = error as { readonly name?: unknown; readonly CancellationReasons?: unknown };
  return name === 'TransactionCanceledException' && Array.isArray(CancellationReasons) ? CancellationReasons as readonly Reason[] : undefined;
};

/**
 * The writes and the condition that the lock is still of this acquisition, in one transaction. The condition is the last
 * element, so that the reasons of a cancelled transaction stand at the places of the user's writes.
 */
export const guard = async (settings: Settings, held: Held, items: readonly TransactItem[], clientRequestToken = settings.newId()): Promise<void> => {
  const { table, clock, random } = settings;
  if (items.length < 1 || items.length > MAX_ITEMS) {
    throw new OplockStreamError('INVALID_WRITE', `lock.guard(items): found ${items.length} writes, expected 1 to ${MAX_ITEMS}. Split what need not be one`);
  }
  const input = {
    TransactItems: [...items, checkItem(held.identity, table.tableName)],
    // The same request once more does nothing: a lost answer can be asked for again.
    ClientRequestToken: clientRequestToken,
  };
  for (let tries = 1; ; tries += 1) {
    const lost = held.lost();
    if (lost) throw lost;
    try {
      return await table.transact(input);
    } catch (error) {
      const reasons = reasonsOf(error);
      const own = reasons?.[items.length];
      if (own?.Code === 'ConditionalCheckFailed') {
        const { confirmed, pending } = held.versions();
        const found = whose(own.Item && fromAttributeMap(own.Item), { identity: held.identity, confirmed, pending });
        throw found.kind === 'lost' ? held.lose(found.reason, { by: found.by }) : held.lose('stolen');
      }
      // A write of the user was refused: trying again is pointless, whatever else there was.
      if (reasons?.some(({ Code }) => Code === 'ConditionalCheckFailed' || Code === 'ValidationError') || classifyError(error) !== 'transient') throw error;
      if (tries >= MAX_TRIES) throw reasons ? error : new LockBackendError(held.name, 'writing under', error);
      await pause(clock, Math.min(fullJitter(tries, { ...BACKOFF, random }), Math.max(0, held.remaining())), held.signal);
    }
  }
};
