import { materialize, type Event, type Rule, type Settled } from '../../src';
import type { Engine } from '../../src/replay/engines/engine';
import type { Strategy } from '../../src/sinks/dynamodb/update-options';
import { STRATEGIES } from './convergence';
import { describeEmbedded, describeLocal } from './engines';
import { START } from './things';

/** The same tests under each strategy on an engine that has statements, and under the default on one that has none. */
export const describeStrategies = (name: string, tests: (engine: () => Engine, strategy: Strategy) => void): void => {
  describeEmbedded(name, (engine) => tests(engine, 'auto'));
  for (const strategy of STRATEGIES) describeLocal(`${name}, strategy ${strategy}`, (engine) => tests(engine, strategy));
};

const TYPE = 'company';

/** As many events of another item: a write that is alone is in no batch. Of the rules of the test, none may want them. */
export const companyOf = (events: readonly unknown[]): readonly Event[] =>
  events.map((_event, i) => ({ id: `${TYPE}-${i}`, type: TYPE, timestamp: START + i, partitionKey: TYPE }));

export const COMPANY = { id: TYPE, flavor: materialize, eventType: TYPE, toWrite: ({ event: { id } }: { event: Event }) => ({ key: { pk: TYPE, sk: 'thing' }, set: { id } }) } as unknown as Rule;

export const isCompany = ({ event }: Settled): boolean => event?.type === TYPE;

export const isNoCompany = ({ pk }: { readonly pk?: unknown }): boolean => pk !== TYPE;
