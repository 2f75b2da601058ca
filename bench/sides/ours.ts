import { createHandler, fromKinesis, initializeFrom, materialize, type MaterializeRule } from 'oplock-stream';
import type { ThingEvent } from '../lib/things';
import { eventTypeOf, kindsOf, type Listener, type ListenerSettings } from './settings';

const ruleOf = (kind: number): MaterializeRule<ThingEvent> & { readonly flavor: typeof materialize<ThingEvent> } => ({
  id: `thing-${kind}`,
  flavor: materialize<ThingEvent>,
  eventType: eventTypeOf(kind),
  toWrite: ({ event: { thing: { id, ...set } } }) => ({ key: { pk: id, sk: 'thing' }, set }),
});

type Options = Pick<Parameters<typeof createHandler>[0], 'strategy' | 'fold'>;

const listener = (settings: ListenerSettings, options: Options): Listener =>
  createHandler({ source: fromKinesis, pipelines: initializeFrom(kindsOf(settings).map(ruleOf)), tableName: settings.tableName, ...options });

/** As the README shows it: every default. */
export const documented = (settings: ListenerSettings): Listener => listener(settings, {});
export const single = (settings: ListenerSettings): Listener => listener(settings, { strategy: 'single' });
/** Each event a write of its own, as the peers do it. */
export const unfolded = (settings: ListenerSettings): Listener => listener(settings, { strategy: 'single', fold: false });
