import { toFaultEvent } from '../faults/fault-event';
import { compareIdentifiers, lowestByShard, shardOf } from '../ledger/checkpoint';
import { addOutcome, type Entry, type Ticket } from '../ledger/entry';
import type { Invocation } from '../ledger/invocation';
import { combineOutcomes, isSetAside, type Outcome, type SetAside } from '../outcome';
import { withRetry } from '../retry';

export const ticketOutcome = ({ entries }: Ticket): Outcome => {
  const [only] = entries;
  return combineOutcomes(only && entries.length === 1 ? only.outcomes : entries.flatMap((entry) => entry.outcomes));
};

/**
 * Publishes the faults, and the events from the future in the same way, in the order of the records. A fault is published only if its record is not delivered again
 * anyway: what lies behind the checkpoint comes back and is judged then, so that no fault is published twice. A
 * fault that cannot be published turns into a retry, and moves the checkpoint down.
 */
export const settleFaults = async (invocation: Invocation): Promise<void> => {
  const setAside = invocation.tickets.filter((ticket) => isSetAside(ticketOutcome(ticket)));
  if (setAside.length === 0) return;
  const byPlace = setAside.sort((a, b) => compareIdentifiers(a.origin.identifier, b.origin.identifier) || a.index - b.index);
  const retried = invocation.tickets.filter((ticket) => ticketOutcome(ticket).kind === 'retry').map((ticket) => ticket.origin);
  const checkpoints = lowestByShard(retried);
  const published = new Set<string>();

  for (const ticket of byPlace) {
    const shard = shardOf(ticket.origin);
    const checkpoint = checkpoints.get(shard);
    if (checkpoint !== undefined && compareIdentifiers(ticket.origin.identifier, checkpoint) >= 0) {
      for (const entry of ticket.entries) {
        if (entry.outcomes.some(isSetAside)) addOutcome(entry, { kind: 'retry', reason: 'redelivered' });
      }
    } else if (!(await publish(invocation, ticket, published))) {
      checkpoints.set(shard, ticket.origin.identifier);
    }
  }
};

/** One fault event for each pipeline that failed or found the time too far ahead, and one only for a record that the batch holds twice. */
const publish = async (invocation: Invocation, ticket: Ticket, published: Set<string>): Promise<boolean> => {
  for (const entry of ticket.entries) {
    const outcome = combineOutcomes(entry.outcomes);
    if (isSetAside(outcome) && !(await publishOne(invocation, entry, outcome, published))) return false;
  }
  return true;
};

const publishOne = async (invocation: Invocation, entry: Entry, outcome: SetAside, published: Set<string>): Promise<boolean> => {
  const { settings, logger, deadline } = invocation;
  const { ticket, pipeline } = entry;
  const { error } = outcome;
  const about = describe(entry, outcome);
  const { publishFault } = settings;
  if (!publishFault) {
    logger.error('oplock-stream: a record cannot be handled and there is no publishFault: it is reported to Lambda', about);
    addOutcome(entry, { kind: 'retry', reason: 'unpublished', error });
    return false;
  }
  const { functionName } = settings.context ?? {};
  const fault = toFaultEvent({
    error,
    record: ticket.record,
    origin: ticket.origin,
    pipeline,
    now: invocation.now(),
    ...(ticket.event && { event: ticket.event }),
    ...(functionName !== undefined && { tags: { functionname: functionName } }),
  });
  if (published.has(fault.id)) return true;
  try {
    await withRetry(async () => publishFault(fault), deadline.reserve());
    published.add(fault.id);
    logger.warn(`oplock-stream: a record was set aside as ${outcome.kind === 'fault' ? 'a fault' : 'future'}`, { ...about, faultId: fault.id });
    return true;
  } catch (failure) {
    logger.error('oplock-stream: a fault could not be published: its record is reported to Lambda', { ...about, publishError: nameOf(failure) });
    addOutcome(entry, { kind: 'retry', reason: 'unpublished', error: failure });
    return false;
  }
};

/** Names and codes only: a message may quote the payload. */
const describe = ({ ticket, pipeline }: Entry, outcome: SetAside): Record<string, unknown> => ({
  pipeline,
  record: ticket.origin.identifier,
  eventId: ticket.event?.id,
  error: nameOf(outcome.error),
  code: (outcome.error as { code?: unknown } | null | undefined)?.code,
  ...(outcome.kind === 'future' && { aheadMs: outcome.aheadMs }),
});

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);
