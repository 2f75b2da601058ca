import type { Event } from '../event';
import { pipeline, type Pipeline, type PipelineOptions } from '../pipelines/pipeline';
import { update } from '../sinks/dynamodb/update';
import type { EventTypeMatcher } from '../steps/on-event-type';
import { regressions, type RegressionsOptions } from '../steps/regressions';
import { chosenBy, sinkOptionsOf } from './chosen';
import type { RuleUow } from './materialize';

export interface ReassertRule<E extends Event = Event> extends PipelineOptions, Pick<RegressionsOptions, 'key'> {
  readonly id: string;
  /** Which changes, by the type of the change event (`seat-updated`). Default: all. */
  readonly eventType?: EventTypeMatcher;
  /** All of these must hold; for rows whose oplock may be lowered on purpose. */
  readonly filters?: ((uow: RuleUow<E>) => unknown) | readonly ((uow: RuleUow<E>) => unknown)[];
}

/**
 * Mends a global table: filter → regressions → conditional write, for `fromDynamodb` with `ignoreReplicas: false`, in every
 * region. Where a stored oplock went backwards, because another region wrote an older event later, the newer state is
 * written again. Default of `tableName`: the table whose stream it is. Throws `INVALID_OPTION` at construction.
 */
export const reassert = <E extends Event = Event>(rule: ReassertRule<E>): Pipeline => {
  const { oplock, key } = rule;
  const find = regressions({ ...(oplock && { oplock }), ...(key && { key }) });
  const write = update(sinkOptionsOf(rule));
  const choose = chosenBy(rule);
  return pipeline(rule.eventType, (stream) => choose(stream).through(find).through(write));
};
