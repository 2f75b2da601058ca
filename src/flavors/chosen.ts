import { defined } from '../defined';
import type { Event } from '../event';
import type { PipelineOptions } from '../pipelines/pipeline';
import type { UpdateOptions } from '../sinks/dynamodb/update-options';
import { onContent } from '../steps/on-content';
import { onEventType, type EventTypeMatcher } from '../steps/on-event-type';
import type { Uow } from '../uow';
import type { RuleUow } from './materialize';

interface Choice<E extends Event> {
  readonly eventType?: EventTypeMatcher;
  readonly filters?: ((uow: RuleUow<E>) => unknown) | readonly ((uow: RuleUow<E>) => unknown)[];
}

/** The events that a rule is about: by type, then by content. */
export const chosenBy = <E extends Event>({ eventType, filters }: Choice<E>) => {
  const wanted = eventType === undefined ? undefined : onEventType(eventType);
  return (stream: Highland.Stream<Uow>): Highland.Stream<RuleUow<E>> => {
    let uows = stream as unknown as Highland.Stream<RuleUow<E>>;
    if (wanted) uows = uows.filter(wanted);
    return filters ? uows.filter(onContent(filters)) : uows;
  };
};

/** Named one by one: a rule's other fields must not become options of the sink by accident. */
export const sinkOptionsOf = ({ tableName, client, shared, concurrency, oplock, retry, fold, strategy, batchSize }: PipelineOptions): UpdateOptions =>
  defined({ tableName, client, shared, concurrency, oplock, retry, fold, strategy, batchSize });
