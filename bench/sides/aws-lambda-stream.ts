import {
  defaultOptions, fromKinesis, initialize, initializeFrom, materialize, timestampCondition, toPromise, updateDynamoDB, updateExpression, type Uow,
} from 'aws-lambda-stream';
import { eventTypeOf, kindsOf, type Listener, type ListenerSettings } from './settings';

const requestOf = ({ event: { thing: { id, ...attributes }, timestamp } }: Uow) => ({
  Key: { pk: id, sk: 'thing' },
  ...updateExpression({ ...attributes, timestamp }),
  ...timestampCondition(),
});

const rulesOf = (settings: ListenerSettings, options: object) =>
  kindsOf(settings).map((kind) => ({ id: `thing-${kind}`, flavor: materialize, eventType: eventTypeOf(kind), toUpdateRequest: requestOf, tableName: settings.tableName, ...options }));

const fromRules = (settings: ListenerSettings, options: object): Listener => {
  const pipelines = initializeFrom(rulesOf(settings, options));
  return (event) => initialize(pipelines, defaultOptions).assemble(fromKinesis(event)).through(toPromise);
};

/** As its README shows: rules, and every default. */
export const documented = (settings: ListenerSettings): Listener => fromRules(settings, {});

/** Its grouping: of each item the newest event is written, and what only older ones carried is lost. */
export const compact = (settings: ListenerSettings): Listener => fromRules(settings, { compact: true });

/**
 * The best that was found: its steps without its pipelines, so that the client is made once and not by each invocation;
 * 16 requests in flight in place of 4; no answer with the whole item.
 */
export const best = (settings: ListenerSettings): Listener => {
  const types = kindsOf(settings).map(eventTypeOf);
  const save = updateDynamoDB({ tableName: settings.tableName, parallel: 16 });
  const toUpdateRequest = (uow: Uow): Uow => ({ ...uow, updateRequest: { ...requestOf(uow), ReturnValues: 'NONE' } });
  return (event) =>
    fromKinesis(event)
      .filter(({ event: { type } }) => types.some((one) => one.test(type)))
      .map(toUpdateRequest)
      .through(save)
      .through(toPromise);
};
