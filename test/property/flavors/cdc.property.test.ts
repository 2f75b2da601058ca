import fc from 'fast-check';
import { cdc, createHandler, fromDynamodb, initializeFrom, toDynamodbRecords, type Event, type EventPublisher } from '../../../src';
import type { Settled } from '../../../src/settled';
import { encode } from '../../../src/sinks/kinesis/encode';
import { contractViolation } from '../../../src/sources/contract';
import { silent } from '../../support/uows';
import { awkwardName } from '../sources/arbitraries';

const T = Date.UTC(2026, 5, 1);
const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withNullPrototype: true });
const field = fc.constantFrom('id', 'type', 'timestamp', 'partitionKey', 'tags');
const fields = fc.oneof(
  fc.dictionary(fc.oneof(field, awkwardName), fc.oneof(anything, fc.string({ minLength: 1 }), fc.constant(T)), { maxKeys: 5 }),
  anything,
);
const returned = fc.oneof(fields, fc.array(fields, { maxLength: 3 }), fc.constant(undefined));

it('publishes sound events only, whatever toEvent returns, and settles each change once', async () => {
  const kinds = new Set<string>();
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(returned, fc.boolean()), { minLength: 1, maxLength: 6 }), async (results) => {
    const published: Event[] = [];
    const publisher: EventPublisher = Object.assign(async (events: readonly Event[]) => {
      published.push(...events);
      return events.map(() => undefined);
    }, { maxEvents: 3, maxBytes: 1e9, bytesOf: (event: Event) => encode(event).bytes });
    const settled: Settled[] = [];
    const batch = toDynamodbRecords(results.map((_one, i) => ({ keys: { pk: `p${i % 3}`, sk: String(i) }, newImage: { discriminator: 'seat', timestamp: T + i } })));
    const handler = createHandler({
      source: fromDynamodb, logger: silent, publishFault: async () => {}, onSettled: (one) => settled.push(one),
      pipelines: initializeFrom([{
        id: 'r', flavor: cdc, publisher,
        toEvent: ({ event }) => {
          const [value, later] = results[event.timestamp - T] ?? [];
          return (later ? Promise.resolve(value) : value) as never;
        },
      }]),
    });
    expect(await handler(batch)).toEqual({ batchItemFailures: [] });
    expect(settled.map(({ record }) => record)).toEqual(batch.Records);
    for (const { outcome } of settled) kinds.add(outcome.kind);
    const name = { source: 's', record: 'r' };
    for (const event of published) {
      expect(contractViolation(event, name)).toBeUndefined();
      const { data, partitionKey, bytes } = encode(event);
      expect(JSON.parse(Buffer.from(data).toString('utf8'))).toMatchObject({ id: Buffer.from(event.id).toString(), type: Buffer.from(event.type).toString(), timestamp: event.timestamp });
      expect(partitionKey.length).toBeGreaterThan(0);
      expect(bytes).toBeGreaterThan(data.length);
    }
  }), { numRuns: 300 });
  expect([...kinds].sort()).toEqual(['fault', 'filtered', 'published']);
}, 60_000);
