import { createHandler, fromKinesis, initializeFrom, materialize, toKinesisRecords, type Event, type Outcome, type Rule } from '../../src';
import { replay } from '../../src/replay';
import { tableKey } from '../../src/replay/engines/table-key';
import { toPlainItems } from '../../src/replay/table/plain';
import { leftovers } from '../docs/examples/epoch-leftovers';
import { freshTable } from '../support/engines';
import { describeStrategies } from '../support/strategies';
import { START } from '../support/things';
import { silent } from '../support/uows';

interface ThingEvent extends Event {
  readonly thing: { readonly id: string; readonly name: string; readonly price: number };
}

const thing = (id: string, of: string, at: number, name: string, price: number): ThingEvent =>
  ({ id, type: 'thing-updated', timestamp: START + at, partitionKey: of, thing: { id: of, name, price } });

const rule = (set: (thing: ThingEvent['thing']) => Record<string, unknown>, oplock: object) =>
  ({ id: 'thing', flavor: materialize<ThingEvent>, oplock, toWrite: ({ event }: { event: ThingEvent }) => ({ key: { pk: event.thing.id, sk: 'thing' }, set: set(event.thing) }) });

const before = ({ name, price }: ThingEvent['thing']) => ({ name, price });
const after = ({ name, price }: ThingEvent['thing']) => ({ title: name.toUpperCase(), cents: price * 100 });

describeStrategies('a mapping that is changed under traffic', (engine, strategy) => {
  const start = async () => {
    const table = await freshTable(engine());
    const listener = (rules: object) => {
      const outcomes: Outcome[] = [];
      const handler = createHandler({
        source: fromKinesis, pipelines: initializeFrom([rules as Rule]), tableName: table, client: engine().client, logger: silent, strategy, onSettled: ({ outcome }) => outcomes.push(outcome),
      });
      return async (...events: ThingEvent[]): Promise<Outcome[]> => {
        await handler(toKinesisRecords(events));
        return outcomes.splice(0);
      };
    };
    const items = async () => toPlainItems(await engine().scan(table), tableKey({ partitionKey: 'pk', sortKey: 'sk' }));
    return { table, listener, items };
  };
  const stored = (of: string, at: number, id: string, more: object) => ({ pk: of, sk: 'thing', timestamp: START + at, oplockTie: id, ...more });

  it('rewrites the table by replay, step by step', async () => {
    const { table, listener, items } = await start();
    const history = [thing('a1', 'a', 1, 'one', 1), thing('b1', 'b', 2, 'two', 2), thing('a2', 'a', 3, 'three', 3)];

    // A table in use, without epochs; its listener gets epoch 0, which changes no row.
    await listener(rule(before, {}))(...history.slice(0, 2));
    const old = listener(rule(before, { epoch: 0 }));
    expect(await old(history[2] as ThingEvent)).toEqual([{ kind: 'applied' }]);
    const next = listener(rule(after, { epoch: 1 }));

    // A live event of the new mapping, and an invocation of the old listener that is still under way.
    expect(await next(thing('b2', 'b', 9, 'four', 4))).toEqual([{ kind: 'applied' }]);
    expect(await old(thing('b3', 'b', 10, 'five', 5), thing('a3', 'a', 4, 'x', 6))).toEqual([{ kind: 'stale', epoch: 1 }, { kind: 'applied' }]);
    const left = await leftovers(engine().client, table, 1, ({ pk, sk }) => ({ pk, sk }));
    expect(left.map(({ pk }) => pk)).toEqual(['a']);

    // The replay: the same rules, the same epoch, an item of the old one at a time.
    const { outcomes } = await replay({
      fixtures: [toKinesisRecords([...history, thing('b3', 'b', 10, 'five', 5), thing('a3', 'a', 4, 'x', 6)])], source: fromKinesis, engine: engine(), tableName: table, rules: [rule(after, { epoch: 1 })], strategy,
    });
    expect(outcomes.applied + outcomes.superseded + outcomes.stale).toBe(5);
    expect(await items()).toEqual([
      stored('a', 4, 'a3', { title: 'X', cents: 600, oplockEpoch: 1 }),
      stored('b', 10, 'b3', { title: 'FIVE', cents: 500, oplockEpoch: 1 }),
    ]);
    expect(await leftovers(engine().client, table, 1, ({ pk, sk }) => ({ pk, sk }))).toEqual([]);
  });

  it('leaves what no event of it tells of, until it is taken away', async () => {
    const { table, listener, items } = await start();
    await listener(rule(before, { epoch: 4 }))(thing('a1', 'a', 1, 'one', 1), thing('b1', 'b', 2, 'two', 2));
    await listener(rule(after, { epoch: 5 }))(thing('b0', 'b', 0, 'zero', 0));
    const key = ({ pk, sk }: Record<string, unknown>) => ({ pk, sk });
    expect(await leftovers(engine().client, table, 5, key, true)).toEqual([stored('a', 1, 'a1', { name: 'one', price: 1, oplockEpoch: 4 })]);
    expect(await items()).toEqual([stored('b', 0, 'b0', { title: 'ZERO', cents: 0, oplockEpoch: 5 })]);
    expect(await leftovers(engine().client, table, 5, key)).toEqual([]);
  });

  it('loses no event to a response that was lost while it replaced the row', async () => {
    const { table, listener, items } = await start();
    await listener(rule(before, { epoch: 1 }))(thing('a1', 'a', 1, 'one', 1));
    let puts = 0;
    const client = new Proxy(engine().client, {
      get: (target, name) => (name !== 'send' ? Reflect.get(target, name) : async (command: never, options: never) => {
        const answer = await target.send(command, options) as unknown;
        if ((command as object).constructor.name !== 'PutCommand' || (puts += 1) > 1) return answer;
        throw Object.assign(new Error('TimeoutError'), { name: 'TimeoutError' });
      }),
    });
    const outcomes: Outcome[] = [];
    await createHandler({
      source: fromKinesis, pipelines: initializeFrom([rule(after, { epoch: 2 }) as unknown as Rule]), tableName: table, client, logger: silent, strategy, retry: { baseMs: 0 }, onSettled: ({ outcome }) => outcomes.push(outcome),
    })(toKinesisRecords([thing('a0', 'a', 0, 'zero', 0)]));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['duplicate']);
    expect(puts).toBe(1);
    expect(await items()).toEqual([stored('a', 0, 'a0', { title: 'ZERO', cents: 0, oplockEpoch: 2 })]);
  });
});
