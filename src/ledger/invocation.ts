import type { Decoded } from '../sources/decode';
import { attachUow } from '../faults/faulty';
import { classifyError } from '../faults/classify';
import type { FaultPublisher } from '../faults/publisher';
import { consoleLogger, safeLogger, type Logger } from '../logger';
import type { Metrics } from '../metrics/metrics';
import { safeMetrics } from '../metrics/safe';
import { aheadOf } from '../oplock/future';
import type { Outcome } from '../outcome';
import type { Settled } from '../settled';
import type { Origin } from '../uow';
import { DeadlineError } from '../retry';
import { createDeadline, type Deadline, type InvocationContext } from './deadline';
import { addOutcome, entryOf, NO_OUTCOMES, type Entry, type Ticket } from './entry';
import { createGate, type Gate } from './gate';
import { createLanes, createLimiter, type Lanes, type Limiter } from './lanes';

/** What is injected into an invocation. Everything has a default. */
export interface InvocationSettings {
  /** The Lambda context: its remaining time is the budget for retries. Without it, `retry.maxAttempts` alone ends them. */
  readonly context?: Partial<InvocationContext>;
  /** Epoch ms. Default `Date.now`. */
  readonly now?: () => number;
  /** Default: warnings and errors to the console. */
  readonly logger?: Logger;
  /** Default: none. */
  readonly metrics?: Metrics;
  /** Where permanent errors go. Without it their records are reported to Lambda, for its on-failure destination. */
  readonly publishFault?: FaultPublisher;
  /** Called once for each event, when its outcome is final. */
  readonly onSettled?: (settled: Settled) => void;
}

/**
 * The books of one invocation: every event that came in, what became of it, and which events wait for which.
 * Created by the source, carried by the stream and the units of work, closed by `toPromise`.
 */
export class Invocation {
  readonly tickets: Ticket[] = [];
  readonly lanes: Lanes = createLanes();
  readonly deadline: Deadline;
  readonly now: () => number;
  readonly logger: Logger;
  readonly metrics: Metrics | undefined;
  /** Who waits for the end of the invocation, and hears of a crash. */
  onCrash: ((error: unknown) => void) | undefined;
  /** Enters what nobody took from the source: a stream may end early, or the time be up before its turn. */
  admitRest: () => void = () => {};
  /** By scope and key. */
  readonly #gates = new Map<string, Map<string, Gate>>();
  readonly #limiters = new Map<number, Limiter>();
  readonly #shared = new Map<object, unknown>();
  /** By pipeline, all that ever were. */
  readonly #entries = new Map<string, Entry[]>();
  /** Pieces of work under way, and who waits for the last of them. */
  #working = 0;
  #idle: (() => void) | undefined;

  constructor(readonly settings: InvocationSettings = {}) {
    this.now = settings.now ?? Date.now;
    this.logger = safeLogger(settings.logger ?? consoleLogger);
    this.metrics = settings.metrics && safeMetrics(settings.metrics, this.logger);
    this.deadline = createDeadline(settings.context);
  }

  /** How many writes may be under way: sinks with the same limit share it, however many pipelines there are. */
  limiter(limit: number): Limiter {
    let limiter = this.#limiters.get(limit);
    if (!limiter) this.#limiters.set(limit, (limiter = createLimiter(limit)));
    return limiter;
  }

  /** What belongs to `owner` in this invocation: pipelines that publish to one stream share what sends. */
  share<T>(owner: object, make: () => T): T {
    if (!this.#shared.has(owner)) this.#shared.set(owner, make());
    return this.#shared.get(owner) as T;
  }

  /** Enters a decoded record; its entry stands for the event until pipelines take it over. */
  admit(decoded: Decoded): Entry {
    const { record, origin } = decoded;
    const gate = 'error' in decoded ? undefined : this.#gateOf(origin);
    const ticket: Ticket = {
      index: this.tickets.length,
      record,
      origin,
      event: 'event' in decoded ? decoded.event : undefined,
      invocation: this,
      gate,
      place: gate ? gate.join() : 0,
      entries: [],
      undecided: 0,
      items: undefined,
    };
    this.tickets.push(ticket);
    return this.#enter(ticket, '');
  }

  /**
   * Each of these pipelines takes the event on; without any it is filtered.
   *
   * @param alone nobody else takes it on, as somebody may who has forked the stream
   */
  fork(entry: Entry, pipelines: readonly string[], alone = false): Entry[] {
    const [only] = pipelines;
    if (alone && only !== undefined && pipelines.length === 1 && entry.outcomes.length === 0) return [this.#move(entry, only)];
    const children = pipelines.map((pipeline) => this.#enter(entry.ticket, pipeline));
    if (children.length === 0) this.settle(entry, { kind: 'filtered', reason: 'no pipeline matched' });
    else this.#replace(entry);
    return children;
  }

  /** The pipeline goes on with several parts of the event instead of the event; with none it is filtered. */
  split(entry: Entry, parts: number): Entry[] {
    const children = Array.from({ length: parts }, () => this.#enter(entry.ticket, entry.pipeline));
    if (parts === 0) this.settle(entry, { kind: 'filtered', reason: 'nothing to split' });
    else this.#replace(entry);
    return children;
  }

  /** What this entry writes is known from here on: later events of its key need not wait for it any longer. */
  decide(entry: Entry): void {
    if (!entry.undecided) return;
    entry.undecided = false;
    entry.ticket.undecided -= 1;
    if (entry.ticket.undecided === 0) entry.ticket.gate?.decided(entry.ticket.place);
  }

  /** Nothing more comes out of this pipeline: what has not decided yet was left out by one of its steps. */
  decideRest(pipeline: string): void {
    for (const entry of this.#entries.get(pipeline) ?? []) if (entry.pipeline === pipeline) this.decide(entry);
  }

  settle(entry: Entry, outcome: Outcome): void {
    addOutcome(entry, outcome);
    // An error may still arrive for an entry whose parts have taken over: it counts all the same.
    if (!entry.ticket.entries.includes(entry)) entry.ticket.entries.push(entry);
    if (outcome.kind === 'retry' && entry.undecided) entry.ticket.gate?.holdAfter(entry.ticket.place);
    this.decide(entry);
  }

  /** Settles the uow by the class of the error. Returns the error, marked with the uow, for the stream. */
  raise(uow: object, error: unknown): { readonly outcome: Outcome; readonly error: Error } {
    const marked = attachUow(error, uow);
    const outcome = this.outcomeOf(marked);
    const entry = entryOf(uow);
    if (entry) this.settle(entry, outcome);
    return { outcome, error: marked };
  }

  /** A consumer downstream threw: Highland cannot go on, so the invocation ends with this error. */
  crash(error: unknown): void {
    this.onCrash?.(error);
  }

  /** Work on an event begins, which goes on whether or not anybody waits for what comes of it. */
  begin(): void {
    this.#working += 1;
  }

  /** It has ended, with whatever it leads to. */
  end(): void {
    this.#working -= 1;
    if (this.#working === 0) this.#idle?.();
  }

  /** Resolves when no work is under way. */
  async idle(): Promise<void> {
    while (this.#working > 0) await new Promise<void>((resolve) => { this.#idle = resolve; });
  }

  outcomeOf(error: unknown): Outcome {
    if (error instanceof DeadlineError) return { kind: 'retry', reason: 'deadline', error };
    const aheadMs = aheadOf(error);
    if (aheadMs !== undefined) return { kind: 'future', aheadMs, error };
    const kind = classifyError(error);
    return kind === 'permanent' ? { kind: 'fault', error } : { kind: 'retry', reason: kind, error };
  }

  #enter(ticket: Ticket, pipeline: string): Entry {
    const entry: Entry = { ticket, pipeline, outcomes: NO_OUTCOMES, undecided: true };
    // A list of one: one that grows from nothing takes room for seventeen.
    if (ticket.entries.length === 0) ticket.entries = [entry];
    else ticket.entries.push(entry);
    ticket.undecided += 1;
    this.#list(entry);
    return entry;
  }

  /** What takes on an event alone takes its entry over. */
  #move(entry: Entry, pipeline: string): Entry {
    entry.pipeline = pipeline;
    this.#list(entry);
    return entry;
  }

  #list(entry: Entry): void {
    const entries = this.#entries.get(entry.pipeline);
    if (entries) entries.push(entry);
    else this.#entries.set(entry.pipeline, [entry]);
  }

  #replace(entry: Entry): void {
    // What a sink (or the deadline) has settled before stays in the books: a retry must not get lost. And a stream
    // that the user forked may have been replaced already.
    const { ticket } = entry;
    if (entry.outcomes.length === 0) ticket.entries = ticket.entries.filter((one) => one !== entry);
    this.decide(entry);
  }

  #gateOf({ sourceScope, key }: Origin): Gate {
    let gates = this.#gates.get(sourceScope);
    if (!gates) this.#gates.set(sourceScope, (gates = new Map<string, Gate>()));
    let gate = gates.get(key);
    if (!gate) gates.set(key, (gate = createGate()));
    return gate;
  }
}
