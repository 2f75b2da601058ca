import type { Database } from '../data/database';
import { Fault, invalid } from '../fault';
import { encodeMap } from '../value/encode';
import { noDuplicates } from './batch';
import { planRead, type ReadInput } from './read';
import { decide, planWrite, type Write, type WriteInput, type WriteKind } from './write';

type TransactItem = Readonly<Partial<Record<WriteKind, WriteInput>>>;

const KINDS: readonly WriteKind[] = ['Put', 'Update', 'Delete', 'ConditionCheck'];
const MAX_ACTIONS = 100;
const MAX_TOKEN = 36;
/** A repeated token stands for the same transaction for ten minutes. */
const TOKEN_MS = 600_000;

const DUPLICATE = 'Transaction request cannot include multiple operations on one item';

const checkCount = (items: readonly unknown[] | undefined): void => {
  const count = items?.length ?? 0;
  if (count < 1 || count > MAX_ACTIONS) throw invalid(`A transaction has 1 to ${MAX_ACTIONS} actions, found ${count}`);
};

export const transactWrite = (database: Database, { TransactItems = [], ClientRequestToken: token }: { readonly TransactItems?: readonly TransactItem[]; readonly ClientRequestToken?: string }): object => {
  checkCount(TransactItems);
  const check = noDuplicates(DUPLICATE);
  const writes = TransactItems.map((item) => {
    const write = planAction(database, item);
    check(write.table, write.place);
    return write;
  });
  if (isRepeated(database, token, TransactItems)) return {};
  const outcomes = writes.map(outcomeOf);
  if (outcomes.some(({ fault }) => fault)) throw cancelled(outcomes.map(({ fault }) => fault));
  outcomes.forEach(({ write, next }) => write.table.set(write.place, next));
  remember(database, token, TransactItems);
  return {};
};

const planAction = (database: Database, item: TransactItem): Write => {
  const [kind, ...more] = KINDS.filter((one) => item[one] !== undefined && item[one] !== null);
  if (!kind || more.length > 0) throw invalid('TransactItems can only contain one of Check, Put, Update or Delete');
  const input = item[kind] ?? {};
  if (kind === 'ConditionCheck' && input.ConditionExpression === undefined) throw invalid('A ConditionCheck needs a ConditionExpression');
  if (kind === 'Update' && input.UpdateExpression === undefined) throw invalid('An Update needs an UpdateExpression');
  return planWrite(database, kind, input);
};

interface Outcome {
  readonly write: Write;
  readonly next?: ReturnType<Write['next']>;
  readonly fault?: Fault;
}

const outcomeOf = (write: Write): Outcome => {
  try {
    return { write, next: decide(write).next };
  } catch (error) {
    if (error instanceof Fault) return { write, fault: error };
    throw error;
  }
};

const CODES: Readonly<Record<string, string>> = { ConditionalCheckFailedException: 'ConditionalCheckFailed', ValidationException: 'ValidationError' };

const cancelled = (faults: readonly (Fault | undefined)[]): Fault => {
  const CancellationReasons = faults.map((fault) => (fault ? { Code: CODES[fault.name] ?? fault.name, Message: fault.message, ...fault.fields } : { Code: 'None' }));
  const codes = CancellationReasons.map(({ Code }) => Code).join(', ');
  return new Fault('TransactionCanceledException', `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`, { CancellationReasons });
};

const isRepeated = ({ tokens }: Database, token: string | undefined, request: unknown): boolean => {
  if (token === undefined || token === null) return false;
  if (token.length < 1 || token.length > MAX_TOKEN) throw invalid(`A ClientRequestToken has 1 to ${MAX_TOKEN} characters`);
  const known = tokens.get(token);
  if (!known || known.until < Date.now()) return false;
  if (known.request !== JSON.stringify(request)) {
    throw new Fault('IdempotentParameterMismatchException', 'The request uses the same client token as a previous, but non-identical request.');
  }
  return true;
};

const remember = ({ tokens }: Database, token: string | undefined, request: unknown): void => {
  if (token !== undefined && token !== null) tokens.set(token, { request: JSON.stringify(request), until: Date.now() + TOKEN_MS });
};

export const transactGet = (database: Database, { TransactItems = [] }: { readonly TransactItems?: readonly { readonly Get?: ReadInput }[] }): object => {
  checkCount(TransactItems);
  const check = noDuplicates(DUPLICATE);
  const reads = TransactItems.map(({ Get }) => {
    const read = planRead(database, Get ?? {});
    check(read.table, read.place);
    return read;
  });
  return {
    Responses: reads.map(({ read }) => {
      const item = read();
      return item ? { Item: encodeMap(item) } : {};
    }),
  };
};
