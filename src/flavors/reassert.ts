import type { Event } from '../event';
import { pipeline, type Pipeline, type PipelineOptions } from '../pipelines/pipeline';
import { update } from '../sinks/dynamodb/update';
import { onContent } from '../steps/on-content';
import { onEventType, type EventTypeMatcher } from '../steps/on-event-type';
import { regressions, type RegressionsOptions } from '../steps/regressions';
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
  const { tableName, client, concurrency, retry, oplock, key } = rule;
  const find = regressions({ ...(oplock && { oplock }), ...(key && { key }) });
  const write = update({
    ...(tableName !== undefined && { tableName }),
    ...(client && { client }),
    ...(concurrency !== undefined && { concurrency }),
    ...(retry && { retry }),
  });
  const wanted = rule.eventType === undefined ? undefined : onEventType(rule.eventType);

  return pipeline(rule.eventType, (stream) => {
    let uows = stream as unknown as Highland.Stream<RuleUow<E>>;
    if (wanted) uows = uows.filter(wanted);
    if (rule.filters) uows = uows.filter(onContent(rule.filters));
    return uows.through(find).through(write);
  });
};
