import { OplockStreamError } from '../../errors';
import { fromAttributeMap } from '../../attribute-value';
import { classifyError } from '../../faults/classify';
import { fullJitter } from '../../retry';
import { pause } from '../clock';
import { LockBackendError, LockMisuseError } from '../errors';
import type { Held } from './held';
import { whose } from './judge';
import { checkItem } from './requests';
import type { Settings } from './settings';
import type { TransactItem } from './types';

/** Of a transaction, the conditions of the locks included. */
const MAX_ITEMS = 100;
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
 * The writes and the condition that each lock is still of this acquisition, in one transaction. The conditions are the last
 * elements, so that the reasons of a cancelled transaction stand at the places of the user's writes.
 */
export const guard = async (settings: Settings, leases: readonly Held[], items: readonly TransactItem[], clientRequestToken = settings.newId()): Promise<void> => {
  const { table, clock, random } = settings;
  const max = MAX_ITEMS - leases.length;
  if (items.length < 1 || items.length > max) {
    throw new OplockStreamError('INVALID_WRITE', `guard(items): found ${items.length} writes, expected 1 to ${max}: a transaction has ${MAX_ITEMS} elements, and each lock takes one. Split what need not be one`);
  }
  const input = {
    TransactItems: [...items, ...leases.map(({ identity }) => checkItem(identity, table.tableName))],
    // The same request once more does nothing: a lost answer can be asked for again.
    ClientRequestToken: clientRequestToken,
  };
  /** Of a try that nobody knows the end of: that the lease is over since does not mean that nothing was written. */
  let unanswered: LockBackendError | undefined;
  for (let tries = 1; ; tries += 1) {
    for (const held of leases) {
      const lost = held.lost();
      if (lost) throw unanswered ?? lost;
    }
    try {
      return await table.transact(input);
    } catch (error) {
      const reasons = reasonsOf(error);
      const losses = leases.flatMap((held, i) => {
        const own = reasons?.[items.length + i];
        return own?.Code === 'ConditionalCheckFailed' ? [lossOf(held, own)] : [];
      });
      if (losses[0]) throw losses[0];
      if ((error as { readonly name?: unknown } | undefined)?.name === 'UnknownOperationException') throw noTransactions(error);
      // A write of the user was refused: trying again is pointless, whatever else there was.
      if (reasons?.some(({ Code }) => Code === 'ConditionalCheckFailed' || Code === 'ValidationError') || classifyError(error) !== 'transient') throw error;
      const [first] = leases;
      if (!first) throw error;
      if (!reasons) unanswered = new LockBackendError(first.name, 'writing under', error);
      if (tries >= MAX_TRIES) throw unanswered ?? error;
      const left = Math.min(...leases.map((held) => held.remaining()));
      await pause(clock, Math.min(fullJitter(tries, { ...BACKOFF, random }), Math.max(0, left)), first.signal);
    }
  }
};

const noTransactions = (cause: unknown): OplockStreamError =>
  new OplockStreamError('NO_TRANSACTIONS', 'guard() is a transaction, and what answers at the endpoint of the client (dynalite?) knows no TransactWriteItems. Use DynamoDB, DynamoDB Local or memoryEngine(), or fence(token) with single writes', { cause });

/** All of the leases whose condition was false are over, whatever they have believed so far. Who gives a lock back has not lost it. */
const lossOf = (held: Held, { Item }: Reason): Error => {
  if (held.state() === 'releasing' || held.state() === 'released') return new LockMisuseError(held.name, 'it was released while a guarded write was under way: nothing was written');
  const { confirmed, pending } = held.versions();
  const found = whose(Item && fromAttributeMap(Item), { identity: held.identity, confirmed, pending });
  return found.kind === 'lost' ? held.lose(found.reason, { by: found.by }) : held.lose('stolen');
};
