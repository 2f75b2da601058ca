import { OplockStreamError } from '../errors';
import { refuseCaching } from '../sinks/dynamodb/caching';
import type { Uow } from '../uow';
import { dispatch, type Dispatch } from './dispatch';
import type { Flavor, Pipeline, PipelineFactory, PipelineOptions, Pipelines, Rule, RuleOf } from './pipeline';

/** Pipelines that know their options, ready to be put behind a source, any number of times. */
export interface Assembly {
  /**
   * Sends the units of work of `head` through the pipelines and returns what comes out of them, merged.
   * Keeps no state: streams of overlapping invocations may be assembled from one `Assembly`.
   */
  assemble<U extends Uow>(head: Highland.Stream<U>): Highland.Stream<unknown>;
}

/** `initialize({ ...initializeFrom(rules), mine: () => (s) => s.through(…) }, { tableName }).assemble(fromKinesis(event)).through(toPromise)` */
export const initialize = (pipelines: Pipelines, options: PipelineOptions = {}): Assembly => {
  const dispatched = prepare(pipelines, options);
  return { assemble: (head) => dispatched(head) };
};

/** What `initialize` does, for who knows whether anybody looks at what comes out. */
export const prepare = (pipelines: Pipelines, options: PipelineOptions): Dispatch => {
  refuseCaching(options.client, 'initialize or createHandler({ client })');
  // One client for all, as each has sockets of its own; made by the first that writes: a handler may have none that does.
  const shared = options.shared ?? {};
  const ready = Object.entries(pipelines).map(([id, factory]) => ({ id, pipeline: factory({ ...options, shared, id }) }));
  return dispatch(ready);
};

/**
 * Rules as data become pipelines: `{ id, flavor, … }` each, with the fields of its flavor.
 * Throws when an id is missing or given twice, or when a flavor refuses its rule (at `initialize`).
 */
export const initializeFrom: InitializeFrom = (rules: readonly Rule[]): Pipelines => {
  const pipelines = new Map<string, PipelineFactory>();
  for (const [i, rule] of rules.entries()) {
    if (typeof rule?.id !== 'string' || rule.id === '') throw invalid(i, 'it has no id');
    if (typeof rule.flavor !== 'function') throw invalid(i, `"${rule.id}" has no flavor: give it one, for example materialize`);
    if (pipelines.has(rule.id)) throw invalid(i, `the id "${rule.id}" is taken: each rule needs its own`);
    const flavor = rule.flavor as (rule: object) => Pipeline;
    pipelines.set(rule.id, (options) => flavor({ ...options, ...rule }));
  }
  return Object.fromEntries(pipelines);
};

interface InitializeFrom {
  /** Rules written down in place are checked against their flavors. */
  <const F extends readonly Flavor[]>(rules: { readonly [I in keyof F]: RuleOf<F[I]> }): Pipelines;
  (rules: readonly Rule[]): Pipelines;
}

const invalid = (index: number, problem: string): OplockStreamError =>
  new OplockStreamError('INVALID_RULE', `rules[${index}]: ${problem}`);
