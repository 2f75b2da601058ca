import type { Attempt, Refusal, Refused, Result } from '../../oplock/attempt/attempt';
import { renderAttempt, type RenderedWrite, type UpdateInput } from '../../oplock/attempt/render';
import { insertStatement, updateStatement, type Statement } from '../../oplock/attempt/statement';
import type { Reassertion } from '../../oplock/regression/regression';
import { renderReassertion } from '../../oplock/regression/render';
import { verdictOfRequest } from '../../oplock/verdict';

/** Where an item is. */
export interface Address {
  readonly tableName: string;
  readonly key: Readonly<Record<string, unknown>>;
}

/** What is known of the item beforehand: that there is none, or one; `undefined`: nothing. */
export type Hint = 'new' | 'there' | undefined;

/** One request, and what it takes to understand a refusal. */
export interface Step extends Address {
  readonly kind: 'step';
  readonly request: RenderedWrite;
  /** The other items of a transaction, in its order. */
  readonly others: readonly Address[];
  /** The same as a PartiQL statement, for an item that is there, and for one that is not; `undefined` where there is none. */
  readonly statement?: (phase: 'update' | 'insert') => Statement | undefined;
  /** What the events end in when the table takes it. */
  readonly results: readonly Result[];
  /** A refusal without an old item says for sure that there is none. */
  readonly refusesAbsent: boolean;
  /** Sets that the write makes larger each time, until the item is full. */
  readonly growing?: readonly string[];
  /** Why did the condition fail, given what was there? Or: what is left to be sent? */
  readonly afterRefusal: (refusal: Refusal) => Step | Refused;
}

export const stepOf = (attempt: Attempt, tableName: string): Step => ({
  kind: 'step', tableName, key: attempt.key,
  request: renderAttempt(attempt, tableName),
  statement: (phase) => (phase === 'update' ? updateStatement : insertStatement)(attempt, tableName),
  others: (attempt.companions ?? []).map((other) => ({ tableName: other.tableName ?? tableName, key: other.key })),
  results: attempt.results,
  refusesAbsent: attempt.refusesAbsent === true,
  growing: Object.entries(attempt.add ?? {}).flatMap(([name, content]) => (content instanceof Set ? [name] : [])),
  afterRefusal: (refusal) => {
    const next = attempt.afterRefusal(refusal);
    return next.kind === 'attempt' ? stepOf(next, tableName) : next;
  },
});

/** A request of the caller's own, which goes out as it is. */
export const stepOfRequest = (input: UpdateInput & { readonly TableName: string; readonly Key: object }, deletedAttribute: string): Step => ({
  kind: 'step', tableName: input.TableName, key: input.Key,
  request: { command: 'update', input },
  others: [],
  results: [{ kind: 'applied' }],
  refusesAbsent: false,
  afterRefusal: ({ item }) => ({ kind: 'refused', results: [verdictOfRequest(input, item, { deletedAttribute })] }),
});

/** What went backwards in a stream is written again. */
export const stepOfReassertion = (attempt: Reassertion, tableName: string): Step => ({
  kind: 'step', tableName, key: attempt.key,
  request: renderReassertion(attempt, tableName),
  others: [],
  results: [Object.keys(attempt.dropped).length > 0 ? { kind: 'narrowed', dropped: attempt.dropped } : { kind: 'applied' }],
  refusesAbsent: false,
  afterRefusal: ({ item }) => {
    const next = attempt.afterRefusal(item);
    return 'afterRefusal' in next ? stepOfReassertion(next, tableName) : { kind: 'refused', results: [next] };
  },
});
