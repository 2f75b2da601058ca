import type { Attempt, Refusal, Refused, Result } from '../../oplock/attempt/attempt';
import { renderAttempt, type RenderedWrite, type UpdateInput } from '../../oplock/attempt/render';
import { insertStatement, updateStatement, type Statement } from '../../oplock/attempt/statement';
import type { StatementTexts } from '../../oplock/attempt/statement-texts';
import type { Reassertion } from '../../oplock/regression/regression';
import { renderReassertion } from '../../oplock/regression/render';
import { verdictOfRequest } from '../../oplock/verdict';

/** Where an item is. */
export interface Address {
  readonly tableName: string;
  readonly key: Readonly<Record<string, unknown>>;
}

/**
 * What is known of the item beforehand: that there is none (`new`), or one (`there`); that the event says it made one
 * (`created`), which need not be this one; `undefined`: nothing.
 */
export type Hint = 'new' | 'there' | 'created' | undefined;

/** One request, and what it takes to understand a refusal. `request` throws `INVALID_WRITE` when the write has no room in one. */
export interface Step extends Address {
  readonly kind: 'step';
  readonly request: RenderedWrite;
  /** The other items of a transaction, in its order. */
  readonly others: readonly Address[];
  /** The same as a PartiQL statement, for an item that is there, and for one that is not; `undefined` where there is none. */
  statement?(phase: 'update' | 'insert', texts: StatementTexts): Statement | undefined;
  /** Of what it stores, at least; of requests that go alone nobody asks. */
  readonly bytes?: number;
  /** What the events end in when the table takes it. */
  readonly results: readonly Result[];
  /** A refusal without an old item says for sure that there is none. */
  readonly refusesAbsent: boolean;
  /** Sets that the write makes larger each time, until the item is full. */
  readonly growing?: readonly string[];
  /** Why did the condition fail, given what was there? Or: what is left to be sent? */
  afterRefusal(refusal: Refusal): Step | Refused;
}

export const stepOf = (attempt: Attempt, tableName: string, bytes = 0): Step => new AttemptStep(attempt, tableName, bytes);

/** Renders when asked: of an attempt that goes as a statement, the request is never needed. */
class AttemptStep implements Step {
  readonly kind = 'step';
  readonly key: Address['key'];
  readonly results: readonly Result[];
  readonly refusesAbsent: boolean;
  #request: RenderedWrite | undefined;

  constructor(readonly attempt: Attempt, readonly tableName: string, readonly bytes: number) {
    this.key = attempt.key;
    this.results = attempt.results;
    this.refusesAbsent = attempt.refusesAbsent === true;
  }

  get request(): RenderedWrite {
    return (this.#request ??= renderAttempt(this.attempt, this.tableName));
  }

  get others(): readonly Address[] {
    return (this.attempt.companions ?? []).map((other) => ({ tableName: other.tableName ?? this.tableName, key: other.key }));
  }

  get growing(): readonly string[] {
    return Object.entries(this.attempt.add ?? {}).flatMap(([name, content]) => (content instanceof Set ? [name] : []));
  }

  statement(phase: 'update' | 'insert', texts: StatementTexts): Statement | undefined {
    return phase === 'update' ? updateStatement(this.attempt, this.tableName, texts) : insertStatement(this.attempt, this.tableName);
  }

  afterRefusal(refusal: Refusal): Step | Refused {
    const next = this.attempt.afterRefusal(refusal);
    return next.kind === 'attempt' ? stepOf(next, this.tableName, this.bytes) : next;
  }
}

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
