import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ProcessDied, type TroubleKind, type TroublePlan } from './trouble';

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
  readonly isOver: () => boolean;
  /** Ends it between two requests. */
  readonly end: () => void;
}

export interface World {
  readonly plan: TroublePlan;
  /** A new process. What the one before still has to say is lost. */
  begin(): Life;
  /** At the start of each invocation. */
  startInvocation(records: number): void;
  readonly happened: readonly Happened[];
  /** How many processes died. */
  readonly deaths: number;
  /** How many requests were carried out, and nobody heard of it. */
  readonly lostResponses: number;
}

export interface SentCommand {
  /** Number of the invocation, from 0. */
  readonly invocation: number;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

type Given = [command: { readonly input: SentCommand['input'] }, ...more: unknown[]];

/** Processes over one real client, with the troubles of a plan. `onSend` hears of every request that is sent. */
export const createWorld = (real: DynamoDBDocumentClient, plan: TroublePlan, onSend: (command: SentCommand) => void = () => {}): World => {
  const happened: Happened[] = [];
  let requests = 0;
  let invocation = -1;
  let ofInvocation = 0;
  let deaths = 0;
  let lostResponses = 0;

  const begin = (): Life => {
    let dead = false;
    let die!: (error: Error) => void;
    const death = new Promise<never>((_, reject) => { die = reject; });
    death.catch(() => {});
    const forever = new Promise<never>(() => {});
    const underWay = new Set<Promise<unknown>>();

    /** What is under way gets there all the same. The death is known when it has, so that none of it comes in later. */
    const end = (): void => {
      dead = true;
      deaths += 1;
      lostResponses += underWay.size;
      void Promise.allSettled(underWay).then(() => die(new ProcessDied('The process was killed on purpose.')));
    };
    const execute = (given: Given): Promise<unknown> => {
      const execution = (real.send as (...all: Given) => Promise<unknown>).apply(real, given);
      underWay.add(execution);
      const over = (): void => { underWay.delete(execution); };
      execution.then(over, over);
      return execution;
    };
    const send = async (...given: Given): Promise<unknown> => {
      if (dead) return forever;
      const [command] = given;
      const request = ofInvocation++;
      const trouble = plan.troubleOf(request, requests++);
      if (trouble) happened.push({ kind: trouble, invocation, request });
      if (trouble !== 'crash-before') onSend({ invocation, name: command.constructor.name, input: command.input });
      const answer = trouble === 'crash-before' ? undefined : execute(given);
      if (trouble === 'crash-before' || trouble === 'crash-after') end();
      if (trouble === 'response-lost') {
        await answer?.catch(() => {});
        if (!dead) lostResponses += 1;
        throw Object.assign(new Error('TimeoutError'), { name: 'TimeoutError' });
      }
      const settled = await Promise.allSettled([answer]);
      if (dead) return forever;
      if (settled[0].status === 'rejected') throw settled[0].reason;
      return settled[0].value;
    };
    const client = new Proxy(real, { get: (target, name) => (name === 'send' ? send : Reflect.get(target, name) as unknown) });
    return { client, death, isOver: () => dead, end };
  };

  return {
    plan,
    begin,
    happened,
    get deaths() { return deaths; },
    get lostResponses() { return lostResponses; },
    startInvocation: (records) => {
      invocation += 1;
      ofInvocation = 0;
      plan.startInvocation?.(records);
    },
  };
};
