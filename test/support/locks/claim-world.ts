import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { fromAttributeMap } from '../../../src/attribute-value';
import { createClaims } from '../../../src/locks/claim/claims';
import type { Claims, ClaimsOptions } from '../../../src/locks/claim/types';
import type { Engine } from '../../../src/replay/engines/engine';
import { memoryEngine } from '../../../src/replay/engines/memory';
import { tableName } from '../engines';
import { fakeClock, type FakeClock } from './fake-clock';

/**
 * What becomes of one request: executed or not, answered or not. `twice`: the SDK sends it again, and tells the second answer.
 * A number: executed so many ms later, and answered then; the caller may have given up. `answerAfter`: only the answer is late.
 * `again`: executed and answered, and executed once more so many ms later.
 */
export type Fate = 'ok' | 'request lost' | 'response lost' | 'twice' | 'denied' | number | { readonly answerAfter: number } | { readonly again: number };

const timedOut = () => Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
const denied = () => Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });

/** A command, as far as a test needs to know it. */
export interface Sent {
  readonly input: Readonly<Record<string, unknown>>;
  readonly constructor: { readonly name: string };
}

type Send = (command: unknown, options?: unknown) => Promise<unknown>;

/** A client whose requests meet the fates that `next` gives them; `seen` are the commands. */
export const fatedClient = (client: DynamoDBDocumentClient, clock: FakeClock, next: (command: Sent) => Fate, seen: string[] = []): DynamoDBDocumentClient => {
  const real = client.send.bind(client) as Send;
  const send: Send = async (command, options) => {
    seen.push((command as object).constructor.name.replace('Exact', '').replace('Command', ''));
    const fate = next(command as Sent);
    switch (fate) {
      case 'ok': return real(command, options);
      case 'denied': throw denied();
      case 'request lost': throw timedOut();
      case 'response lost':
        await real(command, options).catch(() => {});
        throw timedOut();
      case 'twice':
        await real(command, options).catch(() => {});
        return real(command, options).catch((error: unknown) => { throw Object.assign(error as object, { $metadata: { attempts: 2 } }); });
      default:
        if (typeof fate === 'object') {
          if ('again' in fate) {
            clock.after(fate.again, () => void real(command).catch(() => {}));
            return real(command, options);
          }
          const answer = real(command);
          await Promise.allSettled([answer, new Promise<void>((resolve) => { clock.after(fate.answerAfter, resolve); })]);
          return answer;
        }
        await new Promise<void>((resolve) => { clock.after(fate, resolve); });
        return real(command); // nobody can call it back any more
    }
  };
  return Object.assign(Object.create(client) as DynamoDBDocumentClient, { send });
};

export interface ClaimWorld {
  readonly engine: Engine;
  readonly clock: FakeClock;
  readonly table: string;
  /** Claims of one node. */
  node(options?: Partial<ClaimsOptions>, next?: () => Fate, seen?: string[]): Claims;
  rows(): Promise<readonly Record<string, unknown>[]>;
}

/** A table of claims in memory, and a clock that stands still. */
export const claimWorld = async ({ sortKey = null }: { readonly sortKey?: string | null } = {}): Promise<ClaimWorld> => {
  const engine = memoryEngine();
  const clock = fakeClock();
  const table = tableName('claims');
  await engine.createTable({ name: table, partitionKey: 'key', sortKey });
  let ids = 0;
  return {
    engine,
    clock,
    table,
    node: (options = {}, next = () => 'ok', seen = []) => createClaims({
      client: fatedClient(engine.client, clock, next, seen), tableName: table, clock, logger: { debug: () => {}, warn: () => {}, error: () => {} },
      newId: () => `id-${String(ids += 1).padStart(4, '0')}`, ...(sortKey === null ? {} : { sortKeyName: sortKey }), ...options,
    }),
    rows: async () => (await engine.scan(table)).map((row) => fromAttributeMap(row)),
  };
};

/** The fates in their order, then `ok`. */
export const fates = (...all: readonly Fate[]): (() => Fate) => {
  const left = [...all];
  return () => left.shift() ?? 'ok';
};
