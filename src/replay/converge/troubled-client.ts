import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Trouble, TroubleKind } from './history';

/** A trouble that came to pass. */
export interface Happened {
  readonly kind: TroubleKind;
  /** Number of the invocation, from 0; those after a crash count. */
  readonly invocation: number;
  /** Which request of it, from 0. */
  readonly request: number;
}

/** A process: its client, and a promise that rejects when it dies. */
export interface Life {
  readonly client: DynamoDBDocumentClient;
  readonly death: Promise<never>;
}

export interface World {
  /** A new process. What the one before still has to say is lost. */
  begin(): Life;
  /** At the start of each invocation. */
  startInvocation(): void;
  readonly happened: readonly Happened[];
}

export interface SentCommand {
  /** Number of the invocation, from 0. */
  readonly invocation: number;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

const named = (name: string): Error => Object.assign(new Error(name), { name });

/** Processes over one real client, with troubles at certain requests. `onSend` hears of every request that is made. */
export const createWorld = (real: DynamoDBDocumentClient, troubles: readonly Trouble[], onSend: (command: SentCommand) => void): World => {
  const planned = new Map(troubles.map(({ at, kind }) => [at, kind]));
  const happened: Happened[] = [];
  let requests = 0;
  let invocation = -1;
  let ofInvocation = 0;

  const begin = (): Life => {
    let dead = false;
    let die!: (error: Error) => void;
    const death = new Promise<never>((_, reject) => { die = reject; });
    death.catch(() => {});
    const forever = new Promise<never>(() => {});
    const send = async (command: object): Promise<unknown> => {
      if (dead) return forever;
      const { input } = command as { readonly input: SentCommand['input'] };
      const trouble = planned.get(requests++);
      const request = ofInvocation++;
      if (trouble) happened.push({ kind: trouble, invocation, request });
      if (trouble === 'crash-before' || trouble === 'crash-after') dead = true;
      if (trouble !== 'crash-before') onSend({ invocation, name: command.constructor.name, input });
      // Without the sink's abort signal: nothing is aborted here, and the in-memory engine is quicker without.
      const execute = (): Promise<unknown> => real.send(command as never);
      if (!trouble) return execute();
      if (trouble !== 'crash-before') await execute().catch(() => {});
      if (trouble === 'response-lost') throw named('TimeoutError');
      die(named('ProcessDied'));
      return forever;
    };
    const client = new Proxy(real, { get: (target, name) => (name === 'send' ? send : Reflect.get(target, name) as unknown) });
    return { client, death };
  };

  return {
    begin,
    happened,
    startInvocation: () => {
      invocation += 1;
      ofInvocation = 0;
    },
  };
};
