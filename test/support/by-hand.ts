import { setImmediate } from 'node:timers';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { deferred } from './uows';

/** A request that waits for a test to let it go on. Ids of events begin with an `e`, keys of items with a `k`. */
export interface Held {
  readonly ids: readonly string[];
  readonly keys: readonly string[];
  readonly writes: number;
  /** Lets it go on to what answers. */
  readonly go: () => void;
  readonly fail: (error: Error) => void;
  /** Whoever asked does not want the answer any more. */
  readonly isGivenUp: () => boolean;
}

interface Input {
  readonly Statements?: readonly { readonly Parameters?: readonly unknown[] }[];
  readonly Key?: Readonly<Record<string, unknown>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>>;
}

/** What answers in the end. */
export interface Answering {
  readonly send: (command: { readonly input: Input }) => Promise<unknown>;
}

/** Takes everything that it is asked. */
export const YES: Answering = { send: ({ input: { Statements } }) => Promise.resolve({ Responses: Statements?.map(() => ({})) }) };

/** A client whose requests wait, so that a test decides in which order they are answered. `asked`: all that there were, in order. */
export const byHand = (real: Answering, onAsked: (held: Held) => void = () => {}) => {
  const asked: Held[] = [];
  const underWay = new Set<Held>();
  const send = async (command: { readonly input: Input }, { abortSignal }: { readonly abortSignal: AbortSignal }): Promise<unknown> => {
    const { Statements, Key = {}, ExpressionAttributeValues = {} } = command.input;
    const values = [...(Statements ?? []).flatMap(({ Parameters = [] }) => Parameters), ...Object.values(Key), ...Object.values(ExpressionAttributeValues)];
    const named = (letter: string): readonly string[] => [...new Set(values.filter((value) => typeof value === 'string' && value.startsWith(letter)) as string[])];
    const gate = deferred();
    const held: Held = { ids: named('e'), keys: named('k'), writes: Statements?.length ?? 1, go: gate.resolve, fail: gate.reject, isGivenUp: () => abortSignal.aborted };
    asked.push(held);
    onAsked(held);
    underWay.add(held);
    try {
      await gate.promise;
      return await real.send(command);
    } finally {
      underWay.delete(held);
    }
  };
  /** Waits until no more requests come. */
  const quiet = async (): Promise<void> => {
    for (let [calm, count] = [0, asked.length]; calm < 8; calm += 1) {
      await new Promise((resolve) => { setImmediate(resolve); });
      if (asked.length !== count) [calm, count] = [0, asked.length];
    }
  };
  /** Answers the request that is about this event, and waits for what comes of it. */
  const answer = async (id: string, error?: Error): Promise<void> => {
    const held = [...underWay].find(({ ids }) => ids.includes(id));
    if (!held) throw new Error(`no request about ${id} is under way, but about ${JSON.stringify([...underWay].map(({ ids }) => ids))}`);
    if (error) held.fail(error);
    else held.go();
    await quiet();
  };
  return { client: { send } as unknown as DynamoDBDocumentClient, asked, underWay, quiet, answer, ids: () => asked.map(({ ids }) => ids.join(' ')) };
};

export const throttled = (): Error => Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
