import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand, GetCommand, PutCommand, QueryCommand, ScanCommand, TransactWriteCommand, UpdateCommand, type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { Machine } from './machine';
import type { Store } from './store';
import type { VirtualTime } from './virtual-time';

export type ErrorName = 'InternalServerError' | 'ServiceUnavailable' | 'ThrottlingException' | 'ProvisionedThroughputExceededException' | 'TransactionConflictException' | 'ECONNRESET';

/** What becomes of one request: on its way for `out` ms, its answer for `back` ms. */
export type Fate =
  | { readonly kind: 'well'; readonly out: number; readonly back: number }
  /** Never executed, never answered. */
  | { readonly kind: 'lost' }
  /** Executed, never answered. */
  | { readonly kind: 'mute'; readonly out: number }
  /** The SDK gets no answer, and sends it once more: both may be executed. */
  | { readonly kind: 'twice'; readonly out: number; readonly again: number; readonly back: number }
  | { readonly kind: 'error'; readonly error: ErrorName; readonly executed: boolean; readonly out: number; readonly back: number };

export interface NetworkOptions {
  readonly time: VirtualTime;
  readonly store: Store;
  readonly machine: Machine;
  readonly ownerName: string;
  /** One for each request; when they are used up, everything goes well. */
  readonly fates: readonly Fate[];
}

const OPERATIONS = [
  ['GetItem', GetCommand], ['PutItem', PutCommand], ['UpdateItem', UpdateCommand], ['DeleteItem', DeleteCommand],
  ['Query', QueryCommand], ['Scan', ScanCommand], ['TransactWriteItems', TransactWriteCommand],
] as const;

const WELL: Fate = { kind: 'well', out: 1, back: 1 };

const STATUS: Readonly<Record<Exclude<ErrorName, 'ECONNRESET'>, number>> = {
  InternalServerError: 500, ServiceUnavailable: 503, ThrottlingException: 400, ProvisionedThroughputExceededException: 400, TransactionConflictException: 400,
};

const errorOf = (name: ErrorName): Error => {
  if (name === 'ECONNRESET') return Object.assign(new Error('socket hang up'), { code: name });
  const httpStatusCode = STATUS[name];
  return new DynamoDBServiceException({ name, message: 'as it was planned', $fault: httpStatusCode < 500 ? 'client' : 'server', $metadata: { httpStatusCode, attempts: 1 } });
};

type Settle = () => void;

/** A document client whose requests fare as planned. */
export const createNetwork = ({ time, store, machine, ownerName, fates }: NetworkOptions): DynamoDBDocumentClient => {
  let [sent, transactions] = [0, 0];

  const send = (command: { readonly input: object }, { abortSignal }: { readonly abortSignal?: AbortSignal } = {}): Promise<unknown> => new Promise((resolve, reject) => {
    const [operation] = OPERATIONS.find(([, type]) => command instanceof type) ?? [];
    if (operation === undefined) throw new Error(`the simulation has no ${command.constructor.name}`);
    // The SDK makes a token for a transaction without one.
    const input = { ...(operation === 'TransactWriteItems' ? { ClientRequestToken: `${ownerName}/${(transactions += 1)}` } : {}), ...command.input };
    const fate = fates[(sent += 1) - 1] ?? WELL;
    abortSignal?.addEventListener('abort', () => reject(Object.assign(new Error('aborted'), { name: 'AbortError' })), { once: true });

    const run = (attempts: number): Settle => {
      try {
        const output = store.execute(operation, input, ownerName);
        return () => resolve({ ...output, $metadata: { attempts } });
      } catch (error) {
        Object.assign((error as { $metadata?: object }).$metadata ?? {}, { attempts });
        return () => reject(error);
      }
    };
    const answer = (ms: number, settle: Settle): void => time.at(time.now() + ms, () => {
      if (!machine.isCutOff()) machine.deliver(settle);
    });
    const arrive = (ms: number, task: () => void): void => time.at(time.now() + ms, task);

    if (machine.isCutOff()) return;
    switch (fate.kind) {
      case 'well': return arrive(fate.out, () => answer(fate.back, run(1)));
      case 'lost': return;
      case 'mute': return arrive(fate.out, () => { run(1); });
      case 'twice': return arrive(fate.out, () => {
        run(1);
        arrive(fate.again, () => answer(fate.back, run(2)));
      });
      case 'error': return arrive(fate.out, () => {
        if (fate.executed) run(1);
        answer(fate.back, () => reject(errorOf(fate.error)));
      });
    }
  });
  return { config: {}, send } as unknown as DynamoDBDocumentClient;
};
