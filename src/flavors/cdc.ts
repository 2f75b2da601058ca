import { OplockStreamError } from '../errors';
import type { Event } from '../event';
import { isObject, own } from '../found';
import { invocationOf } from '../ledger/accountable';
import type { OplockOptions } from '../oplock/write';
import { pipeline, type Pipeline } from '../pipelines/pipeline';
import type { RetryOptions } from '../retry';
import type { Publishable } from '../sinks/publish/publish-options';
import { publish } from '../sinks/publish/publish';
import type { EventPublisher } from '../sinks/publish/publisher';
import { leaveOut } from '../steps/leave-out';
import { mapTo } from '../steps/map-to';
import { onContent } from '../steps/on-content';
import { onEventType, type EventTypeMatcher } from '../steps/on-event-type';
import { outLatched } from '../steps/out-latched';
import { outUnchanged, type OutUnchangedOptions } from '../steps/out-unchanged';
import { isThenable } from '../thenable';
import { toDomainEvents, type EventFields } from './cdc-event';
import type { RuleUow } from './materialize';

/** What `toEvent` may return: the fields of one event, of several, or nothing. */
export type CdcResult = EventFields | readonly EventFields[] | undefined;

export interface CdcRule<E extends Event = Event> {
  readonly id: string;
  /** Which changes, by the type of the change event (`seat-created`). Default: all. */
  readonly eventType?: EventTypeMatcher;
  /** All of these must hold. */
  readonly filters?: ((uow: RuleUow<E>) => unknown) | readonly ((uow: RuleUow<E>) => unknown)[];
  /**
   * What the event says. The images of the row are `uow.event.raw`; they go out only if they are returned. Default: the
   * envelope alone. Without fields of their own, events get the `id` `<change id>.<rule id>` (of several, `.<n>` is
   * added), and the `type`, `timestamp` and `partitionKey` of the change.
   */
  readonly toEvent?: (uow: RuleUow<E>) => CdcResult | Promise<CdcResult>;
  /**
   * Leave out changes of nothing but the oplock (see `outUnchanged`); `ignore` names more attributes that do not count.
   * Default false: a reader may want the newer timestamp.
   */
  readonly skipUnchanged?: boolean | Pick<OutUnchangedOptions, 'ignore'>;
  /** For `skipUnchanged`: how writes of the table carry their oplock. */
  readonly oplock?: OplockOptions;
  /** Where the events go. Rules with the same publisher send together, and in order. */
  readonly publisher: EventPublisher;
  /** `tags.source`: the name of this service. */
  readonly source?: string;
  /** More tags; an event's own come last. */
  readonly tags?: Readonly<Record<string, unknown>>;
  readonly retry?: RetryOptions;
}

/**
 * Changes of a table become domain events: filter → map → publish, for `fromDynamodb`. Changes that are no news are left
 * out (see `outLatched`). Every event is checked against the event contract before it goes out. Throws at construction
 * when the rule has no publisher, or a `toEvent` that is no function.
 */
export const cdc = <E extends Event = Event>(rule: CdcRule<E>): Pipeline => {
  const { id, publisher, retry, toEvent = () => ({}) } = rule;
  if (typeof publisher !== 'function') throw invalid(id, 'a publisher, for example kinesisPublisher() of oplock-stream/kinesis');
  if (typeof toEvent !== 'function') throw invalid(id, 'toEvent to be a function');
  const send = publish({ publisher, ...(retry && { retry }) });
  const wanted = rule.eventType === undefined ? undefined : onEventType(rule.eventType);
  const changed = changedOf(rule);

  return pipeline(rule.eventType, (stream) => {
    const { functionName = process.env['AWS_LAMBDA_FUNCTION_NAME'] } = invocationOf(stream)?.settings.context ?? {};
    const toPublish = (uow: RuleUow<E>): Publishable['publish'] | Promise<Publishable['publish']> => {
      const complete = (result: CdcResult) => toDomainEvents(uow, result, { rule: id, tags: tagsOf(rule, uow.event, functionName) });
      const result = toEvent(uow);
      return isThenable(result) ? Promise.resolve(result).then(complete) : complete(result);
    };
    let uows = stream as unknown as Highland.Stream<RuleUow<E>>;
    if (wanted) uows = uows.filter(wanted);
    uows = uows.through(outLatched);
    if (changed) uows = uows.through(changed);
    if (rule.filters) uows = uows.filter(onContent(rule.filters));
    return uows
      .through(mapTo('publish', toPublish))
      .through(leaveOut(({ publish: events }) => (events === undefined ? 'toEvent made no event of it' : undefined)))
      .through(send);
  });
};

const changedOf = ({ id, skipUnchanged = false, oplock }: Pick<CdcRule, 'id' | 'skipUnchanged' | 'oplock'>): ReturnType<typeof outUnchanged> | undefined => {
  if (skipUnchanged === false) return undefined;
  if (skipUnchanged !== true && !isObject(skipUnchanged)) throw invalid(id, 'skipUnchanged to be true, false or `{ ignore }`');
  return outUnchanged({ ...(oplock && { oplock }), ...(skipUnchanged !== true && skipUnchanged) });
};

const tagsOf = ({ id, source, tags }: Pick<CdcRule, 'id' | 'source' | 'tags'>, change: Event, functionName: string | undefined): Record<string, unknown> => {
  const region = own(change.tags, 'region') ?? process.env['AWS_REGION'];
  return {
    ...(region !== undefined && { region }),
    ...(source !== undefined && { source }),
    ...(functionName !== undefined && { functionname: functionName }),
    pipeline: id,
    ...tags,
  };
};

const invalid = (id: string, needs: string): OplockStreamError => new OplockStreamError('INVALID_RULE', `rule "${id}" needs ${needs}`);
