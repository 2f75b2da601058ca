import { PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import type { Outcome } from '../../src';
import { fromAttributeMap } from '../../src/attribute-value';
import type { Event } from '../../src/event';
import { createHandler } from '../../src/pipelines/create-handler';
import { initializeFrom } from '../../src/pipelines/initialize';
import type { Rule } from '../../src/pipelines/pipeline';
import { memoryEngine } from '../../src/replay/engines/memory';
import type { Strategy } from '../../src/sinks/dynamodb/update-options';
import { fromKinesis } from '../../src/sources/from-kinesis';
import { toKinesisRecords } from '../../src/sources/kinesis-records';
import type { Uow } from '../../src/uow';
import { checkConvergence, STRATEGIES } from '../support/convergence';
import { freshTable } from '../support/engines';
import { facts, requestOf, type Fact } from '../support/facts';
import { expected, given, groupsOf, meetings, oplockOf, rulesOf, type Meeting } from '../support/meetings';
import { silent } from '../support/uows';
import { NOW } from '../unit/oplock/uow';

const engine = memoryEngine();
afterAll(() => engine.stop());

/** What one meeting in twelve has: items that no event may touch. */
const UNTOUCHED: Meeting = { grouped: false, onDelete: 'tombstone', epoch: undefined, onUnversioned: 'reject', fold: true, before: 'unversioned' };

test('whatever options meet, histories end in the table of the reference model', async () => {
  const outcomes = new Set<string>();
  for (const meeting of [UNTOUCHED, ...fc.sample(meetings, 99)]) {
    const seen = await checkConvergence({
      engine, runs: 20, ...groupsOf(meeting), oplock: oplockOf(meeting), rules: rulesOf(meeting), expected: expected(meeting), given: given(meeting),
    }).catch((error: unknown) => { throw new Error(`${JSON.stringify(meeting)}: ${String(error)}`, { cause: error }); });
    Object.keys(seen.outcomes).forEach((kind) => outcomes.add(kind));
  }
  expect([...outcomes].sort()).toEqual(['applied', 'conflict', 'duplicate', 'narrowed', 'retry', 'stale', 'superseded', 'tombstoned']);
}, 300_000);

interface Rush {
  readonly meeting: Meeting;
  readonly all: readonly Fact[];
  /** Of each event, which functions get it. */
  readonly to: readonly (readonly number[])[];
  /** Turns that pass before and after a request. */
  readonly delays: readonly number[];
  /** The engine does not tell the old item. */
  readonly hides: boolean;
  readonly strategy: Strategy;
}

const FUNCTIONS = [0, 1, 2, 3];

const rushes: fc.Arbitrary<Rush> = meetings.chain((meeting) => fc.record({
  meeting: fc.constant(meeting), all: facts({ ...groupsOf(meeting), maxLength: 10 }), to: fc.array(fc.subarray(FUNCTIONS, { minLength: 1, maxLength: 2 }), { minLength: 10, maxLength: 10 }),
  delays: fc.array(fc.nat(4), { minLength: 1, maxLength: 40 }), hides: fc.boolean(), strategy: fc.constantFrom(...STRATEGIES),
}));

/** The engine's client, on a busy day. */
const slow = ({ delays, hides }: Rush): DynamoDBDocumentClient => {
  let requests = 0;
  const pass = async (): Promise<void> => {
    for (let turns = delays[requests++ % delays.length] ?? 0; turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const send = async (...given: Parameters<DynamoDBDocumentClient['send']>): Promise<unknown> => {
    await pass();
    try {
      return await (engine.client.send as (...all: unknown[]) => Promise<unknown>)(...given);
    } catch (error) {
      if (hides) delete (error as { Item?: unknown }).Item;
      throw error;
    } finally {
      await pass();
    }
  };
  return { send } as unknown as DynamoDBDocumentClient;
};

const itemsAfter = async (rush: Rush, onSettled: (settled: { readonly outcome: Outcome }) => void): Promise<readonly object[]> => {
  const { meeting, all, to, strategy } = rush;
  const tableName = await freshTable(engine);
  for (const item of given(meeting)) await engine.client.send(new PutCommand({ TableName: tableName, Item: { ...item } }));
  const client = slow(rush);
  const pipelines = initializeFrom(rulesOf(meeting)(({ event }: Uow) => requestOf(all[(event as unknown as { index: number }).index] as Fact)) as readonly Rule[]);
  const answers = await Promise.all(FUNCTIONS.map((one) => createHandler({
    source: fromKinesis, pipelines, client, tableName, strategy, logger: silent, now: () => NOW, onSettled,
    retry: { maxAttempts: 50, baseMs: 0, capMs: 0 }, oplock: { ...oplockOf(meeting), ...groupsOf(meeting) },
  })(toKinesisRecords(all.flatMap(({ id, timestamp, key }, index): (Event & { index: number })[] =>
    (to[index]?.includes(one) ? [{ id, type: 'thing', timestamp, partitionKey: String(key), index }] : []))))));
  expect(answers).toEqual(FUNCTIONS.map(() => ({ batchItemFailures: [] })));
  const rows = await engine.scan(tableName);
  await engine.dropTable(tableName);
  return sorted(rows.map((row) => fromAttributeMap(row)));
};

const sorted = (items: readonly object[]): readonly object[] => items.toSorted((a, b) => (JSON.stringify(Object.entries(a).sort()) < JSON.stringify(Object.entries(b).sort()) ? -1 : 1));

test('and so do events that several functions write at the same time', async () => {
  const outcomes = new Set<string>();
  const check = async (rush: Rush): Promise<void> => {
    expect(await itemsAfter(rush, ({ outcome: { kind } }) => outcomes.add(kind))).toEqual(sorted(expected(rush.meeting)(rush.all)));
  };
  await fc.assert(fc.asyncProperty(rushes, check), { numRuns: 1_500 });
  expect([...outcomes].sort()).toEqual(['applied', 'conflict', 'duplicate', 'narrowed', 'stale', 'superseded', 'tombstoned']);
}, 300_000);
