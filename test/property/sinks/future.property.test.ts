import fc from 'fast-check';
import { createHandler, fromKinesis, toKinesisRecords, type FaultEvent } from '../../../src';
import type { OutcomeKind } from '../../../src/outcome';
import { memoryEngine } from '../../../src/replay/engines/memory';
import { tableKey } from '../../../src/replay/engines/table-key';
import { toPlainItems } from '../../../src/replay/table/plain';
import { chaosClient, deliverUntilDone } from '../../support/chaos';
import { expectedTable, histories, randomFrom, START, thingPipelines, type ThingEvent } from '../../support/things';
import { silent } from '../../support/uows';

const NOW = START + 10; // in the midst of the times that histories have
const engine = memoryEngine();
afterAll(() => engine.stop());
let tables = 0;

const plain = async (table: string) => toPlainItems(await engine.scan(table), tableKey({ partitionKey: 'pk', sortKey: 'sk' }));

const play = async (events: readonly ThingEvent[], { skew, seed, publisherFails, throttle }: { skew: number; seed: number; publisherFails: number; throttle: number }) => {
  const table = `future-${(tables += 1)}`;
  await engine.createTable({ name: table, partitionKey: 'pk', sortKey: 'sk' });
  const random = randomFrom(seed);
  const published: FaultEvent[] = [];
  const ends = new Map<string, OutcomeKind[]>();
  const handler = createHandler({
    source: fromKinesis, pipelines: thingPipelines(), tableName: table, client: chaosClient(engine.client, { throttle }, random).client,
    now: () => NOW, logger: silent, oplock: { maxFutureSkew: skew }, retry: { maxAttempts: 1 },
    publishFault: async (fault) => {
      if (random() < publisherFails) throw new Error('not now');
      published.push(fault);
    },
    onSettled: ({ event, outcome: { kind } }) => ends.set(String(event?.id), [...ends.get(String(event?.id)) ?? [], kind]),
  });
  const size = 1 + Math.floor(random() * events.length);
  for (let from = 0; from < events.length; from += size) {
    const { Records } = toKinesisRecords(events.slice(from, from + size), { startSequence: 10n ** 55n + BigInt(from) * 10n ** 40n });
    await deliverUntilDone(Records, ({ kinesis }) => kinesis.sequenceNumber, (records) => handler({ Records: [...records] }));
  }
  return { rows: await plain(table), published, ends, table };
};

describe('events from the future', () => {
  it('never change the table, and never get lost: each is published, once; the others make what they make alone', async () => {
    const seen = new Set<OutcomeKind>();
    await fc.assert(
      fc.asyncProperty(
        histories(3, { minLength: 1, maxLength: 20 }),
        fc.record({ skew: fc.constantFrom(0, 1, 5, 19, 20, Infinity), seed: fc.integer({ min: 1 }), publisherFails: fc.constantFrom(0, 0.3), throttle: fc.constantFrom(0, 0.2) }),
        async (events, how) => {
          const isFuture = ({ timestamp }: ThingEvent) => timestamp > NOW + how.skew;
          const { rows, published, ends, table } = await play(events, how);
          expect(rows).toEqual(expectedTable(events.filter((event) => !isFuture(event)), NOW));
          expect(published.map(({ uow }) => (uow.event as unknown as ThingEvent).id).sort()).toEqual(events.filter(isFuture).map(({ id }) => id).sort());
          for (const event of events) {
            const kinds = ends.get(event.id) ?? [];
            expect(kinds.filter((kind) => kind === 'future')).toHaveLength(isFuture(event) ? 1 : 0);
            if (isFuture(event)) expect(kinds.filter((kind) => kind !== 'future' && kind !== 'retry')).toEqual([]);
            for (const kind of kinds) seen.add(kind);
          }
          await engine.dropTable(table);
        },
      ),
      { numRuns: 300 },
    );
    expect([...seen]).toEqual(expect.arrayContaining(['future', 'applied', 'stale', 'retry', 'tombstoned']));
  });
});
