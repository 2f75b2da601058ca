import { createHandler, initializeFrom, materialize, onContent, pipeline, type Rule, type Settled } from '../../../src';
import { event, fromTest, silent } from '../../support/uows';

it.each([['one', () => true], ['all of several', [() => true, () => 1]]] as const)('passes what %s holds for', (_name, conditions) => {
  expect(onContent(conditions as () => unknown)({})).toBe(true);
});

it('stops at the first that does not hold', () => {
  const asked: number[] = [];
  expect(onContent([() => asked.push(1), () => asked.push(2) > 5, () => asked.push(3)])({})).toBe(false);
  expect(asked).toEqual([1, 2]);
});

const rule = (filters: () => unknown) => ({ id: 'thing', flavor: materialize, filters, toWrite: () => ({ key: { pk: '1' }, set: {} }) }) as unknown as Rule;

it.each([
  ['without a stream', (filters: () => unknown) => rule(filters)],
  ['with one', (filters: () => unknown) => ({ ...rule(filters), flavor: ((own: never) => { const made = materialize(own); return pipeline(undefined, (stream) => made(stream)); }) })],
])('a filter that answers with a promise is a fault of each event, and lets none pass: a rule %s', async (_name, ruleOf) => {
  for (const answer of [() => Promise.resolve(false), () => Promise.reject(new Error('later'))]) {
    const settled: Settled[] = [];
    const send = jest.fn();
    const handler = createHandler({
      source: fromTest, pipelines: initializeFrom([ruleOf(answer)]), tableName: 't', client: { config: {}, send } as never, logger: silent,
      publishFault: async () => {}, onSettled: (one) => { settled.push(one); },
    });
    await handler([{ event: event('e1') }]);
    expect(settled.map(({ outcome }) => outcome)).toEqual([expect.objectContaining({ kind: 'fault', error: expect.objectContaining({ code: 'ASYNC_FILTER' }) })]);
    expect(send).not.toHaveBeenCalled();
  }
});
