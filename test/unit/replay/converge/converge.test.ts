import { fromDynamodb, fromKinesis, initializeFrom, materialize, toDynamodbRecords, toKinesisRecords, type Rule, type RuleUow } from '../../../../src';
import { converge, embeddedEngine, renderConverge, toConverge, type ConvergeOptions, type ConvergeReport } from '../../../../src/replay';
import { event, PLANTED } from './planted';

describe('converge', () => {
  const test = (options: ConvergeOptions): Promise<ConvergeReport> => converge({ runs: 200, ...options });

  describe.each(Object.entries(PLANTED))('%s', (_name, planted) => {
    it('is found, made small and explained', async () => {
      const report = await test({ rules: planted.rules, events: planted.events });
      expect(report).toMatchObject({ converges: false, failure: { explanation: { cause: planted.cause, events: planted.concerned, attributes: planted.attributes } } });
      expect(report.failure?.explanation.text).toMatch(planted.says);
      expect(report.failure?.history.order.length).toBeLessThanOrEqual(2);
      expect(renderConverge(report)).toContain(report.failure?.explanation.text);
    });

    it('passes when it is corrected', async () => {
      const report = await test({ rules: planted.corrected, events: planted.correctedEvents ?? planted.events });
      expect(report.failure).toBeUndefined();
      expect(report).toMatchObject({ converges: true, runs: 200 });
    });
  });

  const partial = PLANTED['two partial mappings under one oplock'] as (typeof PLANTED)[string];
  const mistake = { rules: partial.rules, events: partial.events };
  const named = (id: string, eventType: string, toWrite: (uow: RuleUow) => object): Rule => ({ id, flavor: materialize, eventType, toWrite }) as unknown as Rule;

  it('says the same for the same seed, and repeats a history by its path', async () => {
    const all = { ...mistake, subsets: false }; // so that chance has to find it
    const report = await test({ ...all, seed: 7 });
    expect(await test({ ...all, seed: 7 })).toEqual(report);
    const path = report.failure?.path as string;
    expect(renderConverge(report)).toContain(`{ seed: 7, path: ${JSON.stringify(path)} }`);
    const repeated = await test({ ...all, seed: 7, path });
    expect(repeated.failure?.history).toEqual(report.failure?.history);
    expect(repeated.runs).toBe(1);
    expect((await test({ ...all, seed: 8 })).failure?.path).not.toBe(path);
  });

  it('tells the story of the smallest history', async () => {
    const { failure, runs } = await test(mistake);
    expect(runs).toBe(1);
    expect(failure?.story).toEqual(['invocation 1: `thing-renamed` e2', 'invocation 2: `thing-moved` e1']);
    expect(failure?.diff.differing).toEqual([{ key: 'pk="thing-1" sk="thing"', attributes: [{ name: 'address', expected: 'a' }] }]);
  });

  it('reports progress, and what came of the events in order', async () => {
    const progress: [number, number][] = [];
    const report = await test({ rules: partial.corrected, events: partial.events, runs: 5, onProgress: (...all) => progress.push(all) });
    expect(progress).toEqual([[1, 5], [2, 5], [3, 5], [4, 5], [5, 5]]);
    expect(report).toMatchObject({ records: 7, outcomes: { applied: 2, filtered: 5 }, rows: [{ sk: 'thing', name: 'n', address: 'a' }] });
  });

  it('tests what is there while events are missing, unless told not to', async () => {
    const events = [...partial.events, event('e9', 'thing-imported', 900, { name: 'x', address: 'y' })];
    const rules = [...partial.rules, named('imported', 'thing-imported', ({ event: { name, address } }) => ({ key: { pk: 'thing-1', sk: 'thing' }, set: { name, address } }))];
    expect(await test({ rules, events })).toMatchObject({ converges: false });
    expect(await test({ rules, events, subsets: false })).toMatchObject({ converges: true });
  });

  it('leaves out attributes that may differ', async () => {
    const { rules, events } = PLANTED['a mapping that depends on chance'] as (typeof PLANTED)[string];
    const report = await test({ rules, events, ignore: ['dice'], runs: 5 });
    expect(report.converges).toBe(true);
    expect(report.rows[0]).not.toHaveProperty('dice');
  });

  it('takes pipelines, fixtures and other sources', async () => {
    expect(await test({ pipelines: initializeFrom(partial.rules), fixtures: [toKinesisRecords(partial.events)], source: fromKinesis })).toMatchObject({ converges: false, failure: { explanation: { cause: 'partial-updates' } } });
    const rows = [1, 2, 3].map((version) => ({ keys: { pk: 'a', sk: 'thing' }, newImage: { version, timestamp: Date.UTC(2026, 0, version) }, ...(version > 1 && { oldImage: { version: version - 1, timestamp: Date.UTC(2026, 0, version - 1) } }) }));
    const rules = [{ id: 'copy', flavor: materialize, toWrite: ({ event: { raw } }: RuleUow) => ({ key: { pk: raw?.new?.['pk'], sk: 'copy' }, set: { version: raw?.new?.['version'] } }) } as unknown as Rule];
    for (const how of [{ events: rows }, { fixtures: [toDynamodbRecords(rows)] }, { events: rows, toRecords: (all: readonly unknown[]) => toDynamodbRecords(all as never) }]) {
      expect(await test({ rules, source: fromDynamodb, ...how })).toMatchObject({ converges: true, records: 3, rows: [{ pk: 'a', sk: 'copy', version: 3 }] });
    }
  });

  it('mentions events that were set aside', async () => {
    const rules = [...partial.corrected, named('poison', 'poison', () => { throw new TypeError('cannot map this'); })];
    const report = await test({ rules, events: [...partial.events, event('p', 'poison', 1)], runs: 5 });
    expect(report).toMatchObject({ converges: true, faults: ['cannot map this'] });
    expect(renderConverge(report)).toMatch(/not tested: cannot map this/);
  });

  it('keeps events from the future out of the table, in any order, when it is told what time it is', async () => {
    const bad = event('bad', 'thing-renamed', 400 * 86_400_000, { name: 'bad' });
    const now = bad.timestamp - 300_001;
    const report = await test({ rules: partial.corrected, events: [...partial.events, bad], now, runs: 50 });
    expect(report).toMatchObject({ converges: true, outcomes: { future: 1 }, faults: [expect.stringContaining('"bad"')] });
    expect(report.rows).toEqual((await test({ rules: partial.corrected, events: partial.events, now, runs: 1 })).rows);
    expect((await test({ rules: partial.corrected, events: [...partial.events, bad], runs: 50 })).outcomes).not.toHaveProperty('future');
    expect((await test({ rules: partial.corrected, events: [...partial.events, bad], now, runs: 1, oplock: { maxFutureSkew: Infinity } })).outcomes).not.toHaveProperty('future');
    await expect(test({ rules: partial.corrected, events: partial.events, now: 0 })).rejects.toMatchObject({ code: 'CONVERGE_NOTHING_WRITTEN', message: expect.stringMatching(/future.+maxFutureSkew/) });
  });

  it.each<[string, ConvergeOptions, object]>([
    ['no event writes anything', { rules: partial.rules, events: [event('e', 'other', 1)] }, { code: 'CONVERGE_NOTHING_WRITTEN', message: expect.stringMatching(/1 filtered/) }],
    ['the only events are faulty', { rules: [named('poison', 'poison', () => { throw new TypeError('cannot map this'); })], events: [event('e', 'poison', 1)] }, { code: 'CONVERGE_NOTHING_WRITTEN', message: expect.stringMatching(/cannot map this/) }],
    ['there are no events', { rules: partial.rules, events: [] }, { code: 'INVALID_OPTION' }],
    ['there are events and fixtures', { rules: partial.rules, events: partial.events, fixtures: [] }, { code: 'INVALID_OPTION' }],
    ['there are no rules', { events: partial.events }, { code: 'INVALID_OPTION' }],
    ['nobody knows how to make records', { rules: partial.rules, events: partial.events, source: (() => {}) as never }, { code: 'INVALID_OPTION' }],
    ['a rule leads elsewhere', { rules: [{ ...partial.rules[0], tableName: 'mine' } as unknown as Rule], events: partial.events }, { code: 'INVALID_OPTION', message: expect.stringMatching(/mine/) }],
    ['an event never gets settled', {
      rules: [named('busy', 'thing-moved', () => { throw Object.assign(new Error('busy'), { name: 'ThrottlingException' }); })], events: partial.events,
    }, { code: 'CONVERGE_UNDELIVERED', message: expect.stringMatching(/busy/) }],
  ])('rejects when %s', async (_name, options, error) => {
    await expect(test(options)).rejects.toMatchObject(error);
  });

  it('goes the same way on another engine, which it leaves running', async () => {
    const engine = await embeddedEngine();
    try {
      expect(await test({ ...mistake, engine, runs: 10 })).toEqual(await test({ ...mistake, runs: 10 }));
      expect(await test({ rules: partial.corrected, events: partial.events, engine, runs: 5 })).toMatchObject({ converges: true });
    } finally {
      await engine.stop();
    }
  });

  it('leaves the clock as it was', async () => {
    const real = Date;
    await test({ ...mistake, runs: 1 });
    expect(Date).toBe(real);
    expect(Math.abs(Date.now() - new Date().getTime())).toBeLessThan(60_000);
  });

  it('is a matcher', async () => {
    const settings = { runs: 20 };
    expect.extend({ toConverge });
    interface Matcher { toConverge(events: readonly unknown[], settings: object): Promise<void> }
    const of = (received: unknown) => expect(received) as unknown as Matcher & { readonly not: Matcher };
    await of(partial.corrected).toConverge(partial.events, settings);
    await of(partial.rules).not.toConverge(partial.events, settings);
    await of(initializeFrom(partial.rules)).not.toConverge(partial.events, settings);
    await expect(of(partial.rules).toConverge(partial.events, settings)).rejects.toThrow(/write different attributes/);
    await expect(of(partial.corrected).not.toConverge(partial.events, settings)).rejects.toThrow(/The table converges/);
  });
});
