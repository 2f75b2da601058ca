import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadRules } from '../../src/cli/rules-module';
import type { Event } from '../../src/event';
import type { Engine } from '../../src/replay/engines/engine';
import { readFixture, type StreamEvent } from '../../src/replay/fixture/read';
import { replay } from '../../src/replay/replay';
import { diffTables, renderDiff } from '../../src/replay/table/diff';
import { readTableFile } from '../../src/replay/table/file';
import type { PlainItem } from '../../src/replay/table/plain';
import type { Strategy } from '../../src/sinks/dynamodb/update-options';
import { contractViolation } from '../../src/sources/contract';
import { toKinesisRecords } from '../../src/sources/kinesis-records';
import { STRATEGIES } from '../support/convergence';
import { describeEmbedded, describeMemory } from '../support/engines';

const FOLDER = 'fixtures/browser-compat';

interface FeatureEvent extends Event {
  readonly feature: { readonly id: string; readonly browsers: number; readonly standard: boolean; readonly support: Record<string, never> };
}

let invocations: StreamEvent[];
let events: FeatureEvent[];
let expected: PlainItem[];

beforeAll(async () => {
  invocations = [];
  for await (const invocation of readFixture(join(FOLDER, 'events.jsonl.gz'))) invocations.push(invocation);
  events = invocations.flatMap(({ Records }) => (Records as { kinesis: { data: string } }[])
    .map(({ kinesis }) => JSON.parse(Buffer.from(kinesis.data, 'base64').toString()) as FeatureEvent));
  expected = await readTableFile(join(FOLDER, 'expected-table.json.gz'));
});

test('more than 15,000 sound events, every id once, in the order of time, and small enough to keep', () => {
  expect(events.length).toBeGreaterThan(15_000);
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  const problems = events.flatMap((event) => contractViolation(event, { source: 'kinesis', record: event.id }) ?? []);
  expect(problems).toEqual([]);
  expect(events.every(({ timestamp }, at) => at === 0 || timestamp >= (events[at - 1]?.timestamp ?? 0))).toBe(true);
  const bytes = readdirSync(FOLDER).reduce((sum, name) => sum + statSync(join(FOLDER, name)).size, 0);
  expect(bytes).toBeLessThan(4_000_000);
});

test('the sequence numbers rise and are the records\' own', () => {
  const records = invocations.flatMap(({ Records }) => Records as { eventID: string; kinesis: { sequenceNumber: string } }[]);
  const numbers = records.map(({ kinesis }) => BigInt(kinesis.sequenceNumber));
  expect(numbers.every((number, at) => at === 0 || number > (numbers[at - 1] ?? 0n))).toBe(true);
  expect(records.every(({ eventID, kinesis }) => eventID.endsWith(`:${kinesis.sequenceNumber}`))).toBe(true);
});

test('many events of a feature share their time, so that the tie decides', () => {
  const times = events.map(({ feature, timestamp }) => `${feature.id} ${timestamp}`);
  expect(times.length - new Set(times).size).toBeGreaterThan(1_000);
});

test('the expected table is the newest event of each feature', () => {
  const newest = new Map(events.map((event) => [event.feature.id, event]));
  for (const event of events) {
    const known = newest.get(event.feature.id);
    const order = event.timestamp - (known?.timestamp ?? 0) || Buffer.compare(Buffer.from(event.id), Buffer.from(known?.id ?? ''));
    if (order > 0) newest.set(event.feature.id, event);
  }
  expect(expected.map(({ pk, oplockTie }) => [pk, oplockTie]).sort()).toEqual([...newest.values()].map(({ feature, id }) => [feature.id, id]).sort());
});

const slices = (strategy: Strategy) => (engine: () => Engine): void => {
  // Every 50th feature with all its events.
  const slice = () => {
    const features = new Set([...new Set(events.map(({ feature }) => feature.id))].filter((_, at) => at % 50 === 0));
    return {
      chosen: events.filter(({ feature }) => features.has(feature.id)),
      table: expected.filter(({ pk }) => features.has(pk as string)),
    };
  };

  test.each([
    ['as recorded', {}, {}],
    ['shuffled, every fifth twice', { shuffle: true, duplicate: 0.2, seed: 5 }, {}],
    ['backwards in aggregated records, every tenth twice', { duplicate: 0.1 }, { aggregate: 7 }],
  ])('%s: the expected table, and every event has one outcome', async (_name, order, packing) => {
    const { chosen, table } = slice();
    const module = await loadRules(join(FOLDER, 'rules.mjs'), (path) => import(path));
    const sent = 'aggregate' in packing ? [...chosen].reverse() : chosen;
    const invocation = toKinesisRecords(sent, packing);
    const result = await replay({ ...module, fixtures: [invocation], engine: engine(), strategy, batchSize: 50, ...order });
    expect(renderDiff(diffTables(result.rows, table, module.table))).toBe('The table is as expected.');
    const copies = Math.round(invocation.Records.length * ('duplicate' in order ? order.duplicate : 0));
    // A copy of an aggregated record holds 7 events, or fewer if it is that of the last one.
    const each = 'aggregate' in packing ? packing.aggregate : 1;
    expect(result.events).toBeLessThanOrEqual(chosen.length + copies * each);
    expect(result.events).toBeGreaterThan(chosen.length + (copies - 1) * each);
    expect(Object.values(result.outcomes).reduce((sum, count) => sum + count, 0)).toBe(result.events);
    expect(result).toMatchObject({ undelivered: 0, faults: [], redelivered: 0 });
    expect(result.writes).toBe(result.outcomes.applied);
    if (strategy === 'batch') expect(result.requests).toBeLessThan(result.writes / 2);
  }, 60_000);

  test('shuffled, in pieces, every fifth twice, and every third invocation interrupted: the expected table', async () => {
    const { chosen, table } = slice();
    const module = await loadRules(join(FOLDER, 'rules.mjs'), (path) => import(path));
    const result = await replay({
      ...module, fixtures: [toKinesisRecords(chosen)], engine: engine(), strategy, batchSize: 50, shuffle: true, duplicate: 0.2, split: true, crash: 0.33,
    });
    expect(renderDiff(diffTables(result.rows, table, module.table))).toBe('The table is as expected.');
    expect(result).toMatchObject({ events: Math.round(chosen.length * 1.2), undelivered: 0, faults: [], errors: [] });
    expect(result.crashed).toBeGreaterThan(10);
    expect(result.lostResponses).toBeGreaterThan(0);
    expect(result.redelivered).toBeGreaterThan(0);
  }, 60_000);
};

// An engine without PartiQL is sent one write at a time, whatever the strategy.
describeEmbedded('a slice of the recorded events', slices('auto'));
for (const strategy of STRATEGIES) describeMemory(`a slice of the recorded events, strategy ${strategy}`, slices(strategy));
