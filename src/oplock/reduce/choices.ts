import { OplockStreamError } from '../../errors';

const CHOICES = [
  '`reduce: { n: \'dedupeSet\' }` is exact: the item remembers the ids of the events that it has counted, some 11,000 in its 400 KB, so give each hour or day an item of its own',
  '`\'dedupeItem\'` is exact while its rows live (400 days by default): a row for each event, in one transaction with the item, which costs 4 times the capacity',
  '`\'sequence\'` costs an attribute: right only where one shard brings all events of an item in order, and a late one is lost',
  'or write a row for each event, and add them up when you read: exact, and the only way for lists',
].join('; ');

/** What to do in place of counting under an oplock. */
export const choices = (problem: string): string => `${problem} Choose how it counts: ${CHOICES}`;

export const counterUnderOplock = (problem: string, details: Record<string, unknown> = {}): OplockStreamError =>
  new OplockStreamError('COUNTER_UNDER_OPLOCK', choices(problem), { details });
