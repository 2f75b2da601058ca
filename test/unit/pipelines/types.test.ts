import { initializeFrom, materialize, pipeline, type Event, type Rule } from '../../../src';

interface ThingEvent extends Event {
  readonly thing: { readonly id: string };
}

/** Checked by the compiler; that the rules are accepted is checked at run time. */
describe('rules', () => {
  it('are typed by their flavors', () => {
    const mine = (rule: { readonly id: string; readonly factor: number }) => pipeline(undefined, (s) => s.map(() => rule.factor * 2));
    const pipelines = initializeFrom([
      { id: 'a', flavor: materialize<ThingEvent>, eventType: 'x', toWrite: ({ event }) => ({ key: { pk: event.thing.id }, set: { a: 1 } }) },
      { id: 'b', flavor: materialize<ThingEvent>, toUpdateRequest: async ({ event }) => ({ Key: { pk: event.thing.id }, UpdateExpression: 'SET a = b' }) },
      { id: 'c', flavor: mine, factor: 2 },
    ]);
    expect(Object.keys(pipelines)).toEqual(['a', 'b', 'c']);
    const fromAModule: readonly Rule[] = [{ id: 'd', flavor: mine }];
    expect(Object.keys(initializeFrom(fromAModule))).toEqual(['d']);
  });

  it('refuse what their flavor does not take', () => {
    // @ts-expect-error toWrite must be a function
    const wrong = initializeFrom([{ id: 'a', flavor: materialize<ThingEvent>, toWrite: 7 }]);
    expect(() => wrong['a']?.({ id: 'a' })).toThrow('needs either toWrite or toUpdateRequest');
  });

  it('need an id of their own and a flavor', () => {
    const rule = { id: 'a', flavor: materialize, toWrite: () => undefined };
    expect(() => initializeFrom([rule, rule])).toThrow('the id "a" is taken');
    expect(() => initializeFrom([{ id: 'a' } as never])).toThrow('has no flavor');
    expect(() => initializeFrom([{ flavor: materialize } as never])).toThrow('has no id');
  });
});
