import fc from 'fast-check';
import { createHandler, fromKinesis, toKinesisRecords } from '../../src';
import { tableKey } from '../../src/replay/engines/table-key';
import { toPlainItems } from '../../src/replay/table/plain';
import { describeEngines, freshTable } from '../support/engines';
import { expectedTable, histories, randomFrom, shuffled, START, thingPipelines } from '../support/things';
import { silent } from '../support/uows';

/** The promise, through the real pipeline on a real engine: any order, any duplication, any batches, one table. */
describeEngines('any permutation and duplication of full-state events and deletes', (engine) => {
  it('gives one table', async () => {
    const now = START + 1000;
    await fc.assert(
      fc.asyncProperty(histories(4, { minLength: 1, maxLength: 24 }), fc.integer({ min: 1 }), async (events, seed) => {
        const table = await freshTable(engine());
        const random = randomFrom(seed);
        const settled: string[] = [];
        const handler = createHandler({
          source: fromKinesis, pipelines: thingPipelines(), tableName: table, client: engine().client, logger: silent,
          now: () => now, onSettled: ({ outcome }) => settled.push(outcome.kind),
        });
        let rest = shuffled(events.flatMap((event) => Array.from({ length: 1 + Math.floor(random() * 3) }, () => event)), random);
        const delivered = rest.length;
        while (rest.length > 0) {
          const size = 1 + Math.floor(random() * 9);
          await handler(toKinesisRecords(rest.slice(0, size)));
          rest = rest.slice(size);
        }
        expect(toPlainItems(await engine().scan(table), tableKey({ partitionKey: 'pk', sortKey: 'sk' }))).toEqual(expectedTable(events, now));
        expect(settled).toHaveLength(delivered);
        await engine().dropTable(table);
      }),
      { numRuns: 40 },
    );
  });
});
