import fc from 'fast-check';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { fromKinesis, initialize, materialize, pipeline, toKinesisRecords, toPromise, type Event, type Pipelines, type Settled, type WriteRequest } from '../../../src';
import { prepare } from '../../../src/pipelines/initialize';
import { memoryEngine } from '../../../src/replay/engines/memory';
import { collecting } from '../../support/collecting';
import { silent } from '../../support/uows';

const T = 1_700_000_000_000;

/** What a rule's functions do about an event. */
const behaviours = ['writes', 'later', 'nothing', 'nothing later', 'filtered', 'filter throws', 'throws', 'rejects', 'throws a string', 'asks wrongly'] as const;
type Behaviour = (typeof behaviours)[number];

interface Given extends Event {
  /** By rule. */
  readonly does: readonly Behaviour[];
  readonly item: number;
}

const given = fc.array(
  fc.record({ does: fc.array(fc.constantFrom(...behaviours), { minLength: 2, maxLength: 2 }), item: fc.nat(2), type: fc.constantFrom('a', 'b', 'c'), at: fc.nat(5) }),
  { maxLength: 60 },
).map((all) => all.map(({ at, item, ...rest }, i): Given => ({ id: `e${i}`, timestamp: T + at, partitionKey: `k${item}`, item, ...rest })));

const behaviourOf = (event: Event, rule: number): Behaviour => (event as Given).does[rule] as Behaviour;

const ruleOf = (rule: number) => ({
  id: `rule-${rule}`,
  // One wants all types, the other two of them.
  ...(rule === 1 && { eventType: /^[ab]$/ }),
  filters: ({ event }: { event: Event }) => {
    if (behaviourOf(event, rule) === 'filter throws') throw new Error('filter');
    return behaviourOf(event, rule) !== 'filtered';
  },
  toWrite: ({ event }: { event: Event }): WriteRequest | undefined | Promise<WriteRequest | undefined> => {
    const write = { key: { pk: `${(event as Given).item}-${rule}` }, set: { by: event.id, [event.type]: 1 } };
    switch (behaviourOf(event, rule)) {
      case 'later': return new Promise((resolve) => { setImmediate(() => resolve(write)); });
      case 'nothing': return undefined;
      case 'nothing later': return Promise.resolve(undefined);
      case 'throws': throw new Error('mapping');
      case 'rejects': return Promise.reject(new Error('mapping, later'));
      case 'throws a string': throw 'text';
      case 'asks wrongly': return { ...write, set: { when: new Date(0) } };
      default: return write;
    }
  },
});

const engine = memoryEngine();
afterAll(() => engine.stop());
let tables = 0;

/** The same rules in two ways: as they are, or as streams only, which is what a wrapped pipeline is. */
const rules = (streams: boolean): Pipelines => Object.fromEntries([0, 1].map((rule) => [`rule-${rule}`, (options) => {
  const own = materialize({ ...options, ...ruleOf(rule) });
  return streams ? pipeline(own.eventType, (stream) => own(stream)) : own;
}]));

const run = async (events: readonly Given[], streams: boolean, quiet: boolean) => {
  const tableName = `direct-${tables += 1}`;
  await engine.createTable({ name: tableName, partitionKey: 'pk' });
  const settled: Settled[] = [];
  const options = { tableName, client: engine.client, retry: { maxAttempts: 1 } };
  const head = fromKinesis(toKinesisRecords(events), { logger: silent, now: () => T, publishFault: async () => {}, onSettled: (one) => { settled.push(one); } });
  const emitted: unknown[] = [];
  const response = quiet
    ? await prepare(rules(streams), options)(head, true).through(collecting(emitted)).through(toPromise)
    : await initialize(rules(streams), options).assemble(head).through(collecting(emitted)).through(toPromise);
  const { Items = [] } = await engine.client.send(new ScanCommand({ TableName: tableName }));
  await engine.dropTable(tableName);
  const shown = settled.map(({ event, parts }) => [event?.id, parts.map(({ pipeline: id, outcome }) => [id, outcome.kind, 'error' in outcome && (outcome.error as Error).message])]);
  return { response, settled: shown, table: Items.sort((a, b) => String(a['pk']).localeCompare(String(b['pk']))), emitted: emitted.map((one) => JSON.stringify(one, (name, value: unknown) => (name === 'updateResponse' ? value !== undefined : value))).sort() };
};

it('an event goes the same way with a stream and without one', async () => {
  await fc.assert(fc.asyncProperty(given, async (events) => {
    const direct = await run(events, false, false);
    expect(direct).toEqual(await run(events, true, false));
    const quiet = await run(events, false, true);
    expect({ ...quiet, emitted: [] }).toEqual({ ...direct, emitted: [] });
    expect(quiet.emitted).toEqual([]);
  }), { numRuns: 150 });
}, 60_000);
