import type { Outcome, RetryReason } from '../outcome';
import type { Settled } from '../settled';

const REASONS: Readonly<Record<RetryReason, string>> = {
  transient: 'the table, or another service, did not answer',
  configuration: 'no table, or no permission',
  held: 'held, for an earlier event of the same key is to be retried',
  deadline: 'the time was up',
  unpublished: 'a fault could not be published',
  redelivered: 'a fault behind an event that is to be retried',
};

type Retry = Extract<Outcome, { kind: 'retry' }>;

const isRetry = (outcome: Outcome): outcome is Retry => outcome.kind === 'retry';

/** Why an event is to be retried, and by which rule; `undefined` when it is not. Without ids, so that a reason shows once. */
export const describeRetry = ({ outcome, parts }: Pick<Settled, 'outcome' | 'parts'>): string | undefined => {
  if (!isRetry(outcome)) return undefined;
  const pipeline = parts.find((part) => isRetry(part.outcome))?.pipeline ?? '';
  const cause = outcome.error instanceof Error ? `: ${outcome.error.name}: ${outcome.error.message}` : '';
  return `${pipeline === '' ? '' : `rule "${pipeline}": `}${outcome.reason}, ${REASONS[outcome.reason]}${cause}`;
};
