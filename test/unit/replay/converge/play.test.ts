import fc from 'fast-check';
import { createHandler, fromKinesis, initializeFrom, toKinesisRecords } from '../../../../src';
import type { Engine } from '../../../../src/replay';
import { memoryEngine } from '../../../../src/replay/engines/memory';
import { histories } from '../../../../src/replay/converge/histories';
import { batchesOf, takingPart, withAll } from '../../../../src/replay/converge/history';
import type { TroubleKind } from '../../../../src/replay/troubles/trouble';
import { play, type Run, type Stage } from '../../../../src/replay/converge/run';
import { storyOf } from '../../../../src/replay/converge/words';
import { tableKey } from '../../../../src/replay';
import { silent } from '../../../support/uows';
import { event, PLANTED } from './planted';

describe('the history of a run', () => {
  it('delivers what its order says, in batches', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 8 }).chain((count) => fc.tuple(fc.constant(count), histories(fc, count))), ([count, history]) => {
      const batches = batchesOf(history);
      expect(batches.flat()).toEqual(history.order);
      expect(batches.every((batch) => batch.length > 0)).toBe(true);
      for (const one of takingPart(history)) expect(history.order.filter((i) => i === one).length).toBeLessThanOrEqual(3);
      expect(takingPart(withAll(history, count))).toEqual(Array.from({ length: count }, (_, i) => i));
    }));
  });

  it('comes in every kind: all events and few, in order and not, with copies, batches and troubles', () => {
    const seen = fc.sample(histories(fc, 3), { numRuns: 300, seed: 1 });
    const kinds = (predicate: (history: (typeof seen)[number]) => boolean) => seen.filter(predicate).length;
    expect(kinds((history) => takingPart(history).length === 3)).toBeGreaterThan(30);
    expect(kinds((history) => takingPart(history).length === 1)).toBeGreaterThan(5);
    expect(kinds(({ order }) => new Set(order).size < order.length)).toBeGreaterThan(30);
    expect(kinds(({ order }) => order.join() === '2,1,0' || order.join() === '1,0')).toBeGreaterThan(0);
    for (const kind of ['crash-before', 'crash-after', 'response-lost']) expect(kinds(({ troubles }) => troubles.some((one) => one.kind === kind))).toBeGreaterThan(20);
  });
});

describe('play', () => {
  const engine = memoryEngine();
  const { rules = [] } = PLANTED['a counter with ADD and nothing else'] ?? {};
  const events = [event('e1', 'thing-counted', 100, { amount: 1 }), event('e2', 'thing-counted', 200, { amount: 10 })];
  const stage: Stage = {
    engine, given: [{ pk: 'thing-1', sk: 'thing', count: 100 }], ignore: [], key: tableKey({ partitionKey: 'pk', sortKey: 'sk' }),
    records: toKinesisRecords(events).Records.map((record, i) => ({ record, events: [events[i] as (typeof events)[0]] })),
    makeHandler: ({ clock: _, ...process }) => createHandler({ ...process, source: fromKinesis, pipelines: initializeFrom(rules), logger: silent, concurrency: 1, retry: { baseMs: 0 } }) as never,
  };

  const count = ({ rows }: Run) => rows[0]?.['count'];

  // A counter that forgets nothing tells how often each event was written.
  it.each<[string, readonly TroubleKind[], number, readonly string[]]>([
    ['no trouble', [], 111, ['invocation 1: `thing-counted` e1, then `thing-counted` e2']],
    ['a crash before the write', ['crash-before'], 112, [
      'invocation 1: `thing-counted` e1, then `thing-counted` e2; the process dies before it sends its request 2', 'invocation 2, the same batch again: `thing-counted` e1, then `thing-counted` e2']],
    ['a crash after it', ['crash-after'], 122, [
      'invocation 1: `thing-counted` e1, then `thing-counted` e2; the table takes request 2, and then the process dies', 'invocation 2, the same batch again: `thing-counted` e1, then `thing-counted` e2']],
    ['a lost response', ['response-lost'], 121, ['invocation 1: `thing-counted` e1, then `thing-counted` e2; the table takes request 2, but the response is lost']],
  ])('%s', async (_name, kinds, expected, story) => {
    const history = { order: [0, 1], sizes: [2], troubles: kinds.map((kind) => ({ kind, at: 1 })) };
    const run = await play(stage, history, 0);
    expect(storyOf(history, stage.records, run.happened)).toEqual(story);
    expect(count(run)).toBe(expected);
  });

  it('leaves no table behind', async () => {
    const made: string[] = [];
    const watched = { ...engine, createTable: (spec: Parameters<Engine['createTable']>[0]) => { made.push(spec.name); return engine.createTable(spec); } };
    await play({ ...stage, engine: watched }, { order: [1, 0, 0], sizes: [], troubles: [] }, 0);
    expect(made).toHaveLength(1);
    await expect(engine.scan(made[0] as string)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
