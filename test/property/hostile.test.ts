import { gzipSync } from 'node:zlib';
import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import fc from 'fast-check';
import { createHandler, fromKinesis, initializeFrom, materialize, OUTCOME_KINDS, toKinesisRecords, updateExpression, type Event, type KeyValue } from '../../src';
import type { FaultEvent } from '../../src/faults/fault-event';
import { tableKey } from '../../src/replay/engines/table-key';
import { toPlainItems } from '../../src/replay/table/plain';
import type { Settled } from '../../src/settled';
import { describeEngines, freshTable } from '../support/engines';
import { silent } from '../support/uows';

/** Whatever a producer, or an attacker, may send: each gives a documented outcome, and the rest of the batch goes on. */

const AT = Date.UTC(2026, 0, 1);

const NAMES = [
  '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '#name', ':value', 'a.b', 'a[0]', 'a b', "it's", '"quoted"', 'ключ',
  '😀', 'x'.repeat(255), 'size', 'SET', 'NULL', '\n', '\u0000', '-', '_x23_', 'x_delete', 'COMPRESSED',
];
const hostileName = fc.oneof(fc.constantFrom(...NAMES), fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }));
const hostileString = fc.oneof(
  fc.constantFrom(...NAMES, '', 'COMPRESSEDH4sIAAAAAAAAA', `COMPRESSED${gzipSync('"x"').toString('base64')}`, '\ud800'),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const leaf = fc.oneof(
  hostileString,
  fc.constantFrom<unknown>(null, true, false, 0, -0, 1e21, 1e-130, 9007199254740993, Number.MAX_VALUE, 12345678901234567890),
  fc.integer(),
);
const { value: hostileValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value'), { maxLength: 3 }), fc.array(fc.tuple(hostileName, tie('value')), { maxLength: 3 }).map(ownProperties)),
}));

/** An object with these own properties, `__proto__` included, as JSON.parse makes it. */
function ownProperties(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries);
}

const hostileEvent = fc
  .record({ key: fc.oneof(hostileString, leaf), attributes: fc.array(fc.tuple(hostileName, hostileValue), { maxLength: 5 }), more: fc.array(fc.tuple(hostileName, hostileValue), { maxLength: 2 }) })
  .map(({ key, attributes, more }): Event => ({ ...ownProperties(more), id: 'hostile', type: 'hostile', timestamp: AT, key, attributes: ownProperties(attributes) }));

const withData = (data: string | Buffer): KinesisStreamRecord => {
  const [record] = toKinesisRecords([{ id: 'x', type: 'x', timestamp: AT }]).Records as [KinesisStreamRecord];
  return { ...record, kinesis: { ...record.kinesis, data: Buffer.from(data).toString('base64') } };
};

const hostileRecord: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: hostileEvent.map((event) => withData(JSON.stringify(event))) },
  { weight: 1, arbitrary: hostileValue.map((value) => withData(JSON.stringify(value))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => withData(Buffer.from(bytes))) },
  { weight: 1, arbitrary: fc.constantFrom(withData(Buffer.from('f3899ac2', 'hex')), withData(Buffer.from('1f8b0800', 'hex')), null, {}, [], 7, { kinesis: null }) },
);

const pipelines = initializeFrom([
  {
    id: 'structured',
    flavor: materialize,
    eventType: 'hostile',
    toWrite: ({ event }: { event: Event }) => ({ key: { pk: event['key'] as KeyValue, sk: 'structured' }, set: event['attributes'] as Record<string, unknown> }),
  },
  {
    id: 'raw',
    flavor: materialize,
    eventType: 'hostile',
    toUpdateRequest: ({ event }: { event: Event }) => ({
      Key: { pk: event['key'], sk: 'raw' },
      ...updateExpression({ ...(event['attributes'] as Record<string, unknown>), mark: 1 }),
    }),
  },
]);

/** What is left of an expression without placeholders, keywords and punctuation: nothing of the event's. */
const foreign = (expression: string): string =>
  expression.replace(/[#:][A-Za-z0-9_]+|\b(SET|REMOVE|ADD|DELETE|AND|OR|attribute_not_exists)\b|[=<>(),\s]/g, '');

describeEngines('hostile input', (engine) => {
  let table: string;
  const expressions: string[] = [];
  beforeAll(async () => {
    table = await freshTable(engine());
  });

  const run = async (records: readonly unknown[]): Promise<{ settled: Settled[]; faults: FaultEvent[]; response: unknown }> => {
    const settled: Settled[] = [];
    const faults: FaultEvent[] = [];
    const client = new Proxy(engine().client, {
      get: (target, name) =>
        name !== 'send'
          ? Reflect.get(target, name)
          : (command: { input: { UpdateExpression?: string; ConditionExpression?: string } }, options: never) => {
              expressions.push(command.input.UpdateExpression ?? '', command.input.ConditionExpression ?? '');
              return target.send(command as never, options);
            },
    });
    const handler = createHandler({
      source: fromKinesis, pipelines, tableName: table, client, logger: silent, now: () => AT,
      publishFault: async (fault) => faults.push(JSON.parse(JSON.stringify(fault)) as FaultEvent), onSettled: (one) => settled.push(one),
    });
    const response = await handler({ Records: records } as KinesisStreamEvent);
    return { settled, faults, response };
  };

  it('never crashes, hangs or loses an event, and nothing of it gets into an expression (fuzz)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hostileRecord, { minLength: 1, maxLength: 12 }), async (records) => {
        // One good record, so that the batch is a Kinesis batch whatever the rest is.
        const { settled, response } = await run([...records, withData(JSON.stringify({ id: 'good', type: 'good', timestamp: AT }))]);
        expect(settled.length).toBeGreaterThanOrEqual(records.length + 1);
        expect(new Set(settled.map(({ record }) => record)).size).toBeGreaterThanOrEqual(new Set(records).size);
        for (const { outcome } of settled) expect(OUTCOME_KINDS).toContain(outcome.kind);
        expect(response).toEqual({ batchItemFailures: [] });
        expect(expressions.splice(0).map(foreign).filter(Boolean)).toEqual([]);
      }),
      { numRuns: 150 },
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  const one = (attributes: Record<string, unknown>, key: unknown = 'k'): unknown =>
    withData(JSON.stringify({ id: 'hostile', type: 'hostile', timestamp: AT, key, attributes }));
  const structured = ({ settled }: { settled: Settled[] }): unknown[] => settled.map(({ parts }) => parts.find(({ pipeline }) => pipeline === 'structured')?.outcome.kind);

  it('stores attributes under awkward names as they are', async () => {
    const names = NAMES.filter((name) => name !== '__proto__' && name !== 'COMPRESSED');
    const result = await run([one(Object.fromEntries(names.map((name, i) => [name, i])), 'names')]);
    expect(structured(result)).toEqual(['applied']);
    const stored = toPlainItems(await engine().scan(table), tableKey({ partitionKey: 'pk', sortKey: 'sk' })).find(({ pk, sk }) => pk === 'names' && sk === 'structured');
    expect(stored).toMatchObject(Object.fromEntries(names.map((name, i) => [name, i])));
  });

  it('takes 30 levels of nesting', async () => {
    let deep: unknown = 'bottom';
    for (let i = 0; i < 28; i += 1) deep = { d: deep };
    expect(structured(await run([one({ deep }, 'deep')]))).toEqual(['applied']);
  });

  it.each<[string, unknown, RegExp]>([
    ['a value beyond 400 KB', one({ big: 'x'.repeat(500_000) }), /409600 bytes/],
    ['a decompression bomb', withData(gzipSync(Buffer.alloc(200_000_000))), /decompress|inflat|gzip/i],
    ['a megabyte that is not JSON', withData('<'.repeat(786_432)), /JSON/],
    ['a null record', null, /null/],
    ['an empty key', one({ a: 1 }, ''), /key/i],
    ['seconds for milliseconds', withData(JSON.stringify({ id: 'x', type: 'x', timestamp: AT / 1000 })), /timestamp.*second/is],
  ])('sets %s aside, and says why', async (_name, record, why) => {
    const { settled, faults, response } = await run([record, one({ a: 1 }, 'fine')]);
    expect(settled[0]?.outcome.kind).toBe('fault');
    expect(faults[0]?.err.message).toMatch(why);
    expect(faults[0]?.err.message.length).toBeLessThan(1000);
    expect(response).toEqual({ batchItemFailures: [] });
    expect(settled.at(-1)?.outcome.kind).not.toBe('fault');
  });

  it('takes an empty batch, and 10,000 records in one', async () => {
    expect(await run([])).toMatchObject({ settled: [], response: { batchItemFailures: [] } });
    const events = Array.from({ length: 10_000 }, (_unused, i) => ({ id: String(i), type: i % 50 ? 'unwanted' : 'hostile', timestamp: AT + i, key: `many-${i % 100}`, attributes: { i } }));
    const { settled } = await run(toKinesisRecords(events).Records);
    expect(settled).toHaveLength(10_000);
    expect(settled.filter(({ outcome }) => outcome.kind === 'applied')).toHaveLength(200);
  });

  it('refuses an event of another service altogether', async () => {
    await expect(run([{ messageId: '1', eventSource: 'aws:sqs', body: '{}' }])).rejects.toThrow(/SQS/);
  });
});
