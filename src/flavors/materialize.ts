import { OplockStreamError } from '../errors';
import type { Event } from '../event';
import type { OplockGroups } from '../oplock/groups/options';
import type { Reductions } from '../oplock/reduce/options';
import type { OplockOptions, WriteRequest } from '../oplock/write';
import { withLine } from '../pipelines/line';
import { pipeline, type Pipeline, type PipelineOptions } from '../pipelines/pipeline';
import type { UpdateRequest } from '../sinks/dynamodb/prepare';
import { sinkOf } from '../sinks/dynamodb/sink';
import { updateBy } from '../sinks/dynamodb/update';
import type { Writable } from '../sinks/dynamodb/update-options';
import { mapTo } from '../steps/map-to';
import { onContent } from '../steps/on-content';
import type { EventTypeMatcher } from '../steps/on-event-type';
import { split, type SplitOptions } from '../steps/split';
import type { Uow } from '../uow';
import { chosenBy, sinkOptionsOf } from './chosen';
import { directLine } from './direct-line';

/** A uow as a rule's functions see it; `split` is there when the rule splits. */
export type RuleUow<E extends Event = Event> = Uow<E> & { readonly pipeline: string; readonly split?: unknown };

interface MaterializeCommon<E extends Event> extends PipelineOptions {
  readonly id: string;
  /** Which events. Default: all. */
  readonly eventType?: EventTypeMatcher;
  /** All of these must hold. Synchronous: one that returns a promise is a fault, `ASYNC_FILTER`. */
  readonly filters?: ((uow: RuleUow<E>) => unknown) | readonly ((uow: RuleUow<E>) => unknown)[];
  /** One write for each element of a list: see `split`. */
  readonly splitOn?: SplitOptions<RuleUow<E>, unknown>['splitOn'];
}

/** `toWrite`: a structured write, which the toolkit can guard, explain and revive. */
export interface MaterializeWriteRule<E extends Event = Event> extends MaterializeCommon<E> {
  /** Attributes of the item that change together, each group under an oplock of its own. Goes before `oplock.groups`. */
  readonly groups?: OplockGroups;
  /** How events come together in attributes that count, by attribute. Goes before `oplock.reduce`. */
  readonly reduce?: Reductions;
  readonly toWrite: (uow: RuleUow<E>) => WriteRequest | undefined | Promise<WriteRequest | undefined>;
  readonly toUpdateRequest?: never;
}

/** `toUpdateRequest`: any `UpdateCommand` input, sent as it is; the condition is yours. */
export interface MaterializeRequestRule<E extends Event = Event> extends MaterializeCommon<E> {
  readonly toUpdateRequest: (uow: RuleUow<E>) => UpdateRequest | undefined | Promise<UpdateRequest | undefined>;
  readonly toWrite?: never;
  /** Raw requests are sent as they are, so these need `toWrite`. */
  readonly groups?: never;
  readonly reduce?: never;
}

export type MaterializeRule<E extends Event = Event> = MaterializeWriteRule<E> | MaterializeRequestRule<E>;

/**
 * Keeps a materialized view: filter → split → map → conditional write. A mapping that returns `undefined` writes
 * nothing, and the event ends as `filtered`. Throws at construction when the rule has no mapping, or two.
 */
export const materialize = <E extends Event = Event>(rule: MaterializeRule<E>): Pipeline => {
  const { field, map } = mappingOf(rule);
  const oplock = oplockOf(rule);
  const open = sinkOf(sinkOptionsOf({ ...rule, ...(oplock && { oplock }) }));
  const choose = chosenBy<E>(rule);
  const { splitOn, filters } = rule;

  const streams = pipeline(rule.eventType, (stream) => {
    let uows = choose(stream);
    if (splitOn !== undefined) uows = uows.through(split<RuleUow<E>, unknown>({ splitOn })) as unknown as typeof uows;
    return uows.through(mapTo(field, map) as unknown as Step<E>).through(updateBy(open));
  });
  if (splitOn !== undefined) return streams;
  return withLine(streams, (ends) => directLine({ wanted: filters && (onContent(filters)), field, map, open }, ends));
};

type Step<E extends Event> = (stream: Highland.Stream<RuleUow<E>>) => Highland.Stream<RuleUow<E> & Writable>;

interface Mapping {
  readonly field: 'write' | 'updateRequest';
  readonly map: (uow: Uow) => WriteRequest | UpdateRequest | undefined | Promise<WriteRequest | UpdateRequest | undefined>;
}

const mappingOf = <E extends Event>(rule: MaterializeRule<E>): Mapping => {
  const write = 'toWrite' in rule ? rule.toWrite : undefined;
  const request = 'toUpdateRequest' in rule ? rule.toUpdateRequest : undefined;
  // A rule's functions see the uow that the dispatcher has named the pipeline in.
  if (typeof write === 'function' && request === undefined) return { field: 'write', map: write as Mapping['map'] };
  if (typeof request === 'function' && write === undefined) return { field: 'updateRequest', map: request as Mapping['map'] };
  throw new OplockStreamError('INVALID_RULE', `rule "${rule.id}" needs either toWrite or toUpdateRequest, a function`);
};

const oplockOf = <E extends Event>(rule: MaterializeRule<E>): OplockOptions | undefined => {
  const { groups, reduce } = rule as Pick<MaterializeWriteRule, 'groups' | 'reduce'>;
  if (groups === undefined && reduce === undefined) return rule.oplock;
  if ('toWrite' in rule) return { ...rule.oplock, ...(groups && { groups }), ...(reduce && { reduce }) };
  throw new OplockStreamError('INVALID_RULE', `rule "${rule.id}" has ${groups ? 'groups' : '`reduce`'}, which need${groups ? '' : 's'} structured writes: give it toWrite in place of toUpdateRequest`);
};
