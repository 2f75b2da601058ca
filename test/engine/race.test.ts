import { createHandler, fromKinesis, toKinesisRecords } from '../../src';
import { tableKey } from '../../src/replay/engines/table-key';
import { toPlainItems } from '../../src/replay/table/plain';
import { watchBatches } from '../support/batches';
import { chaosClient, deliverUntilDone } from '../support/chaos';
import { STRATEGIES } from '../support/convergence';
import { describeLocal, describeMemory, freshTable } from '../support/engines';
import type { Engine } from '../../src/replay/engines/engine';
import { expectedTable, randomFrom, shuffled, START, thingPipelines, type ThingEvent } from '../support/things';
import { silent } from '../support/uows';

const CODES = ['ThrottlingError', 'ProvisionedThroughputExceeded', 'InternalServerError', 'TransactionConflict'];

/** 12 times of each of 30 things, among them deletes. */
const events: readonly ThingEvent[] = Array.from({ length: 360 }, (_unused, i) => ({
  id: `e${i}`, type: i % 7 === 3 ? 'thing-deleted' : 'thing-updated', timestamp: START + Math.floor(i / 30), partitionKey: `thing-${i % 30}`, thing: { id: `thing-${i % 30}`, size: i },
}));

const race = (engine: () => Engine): void => {
  it('six functions at once, through throttles and lost answers, of requests and of statements: every key ends at its newest event', async () => {
    const tableName = await freshTable(engine());
    let troubles = 0;
    const work = async (worker: number): Promise<void> => {
      const random = randomFrom(worker + 1);
      const trouble = () => {
        if (random() >= 0.25) return undefined;
        troubles += 1;
        return { Code: CODES[Math.floor(random() * CODES.length)] as string, ...(random() < 0.5 && { lost: true as const }) };
      };
      const { client } = chaosClient(watchBatches(engine().client, { statement: trouble }).client, { throttle: 0.05, serverError: 0.05, lostResponse: 0.05 }, random);
      const handler = createHandler({
        source: fromKinesis, pipelines: thingPipelines(), tableName, client, logger: silent, now: () => START + 1_000, fold: worker % 2 === 0, concurrency: 2,
        strategy: STRATEGIES[worker % STRATEGIES.length] ?? 'auto', retry: { maxAttempts: 6, baseMs: 0 },
        publishFault: ({ err }) => Promise.reject(new Error(`there should be no fault: ${err.message}`)),
      });
      const mine = shuffled(events.filter(() => random() < 0.6), random);
      given.push(...mine);
      await deliverUntilDone(toKinesisRecords(mine).Records, ({ kinesis }) => kinesis.sequenceNumber, (Records) => handler({ Records: [...Records] }), 500);
    };
    const given: ThingEvent[] = [];
    await Promise.all([0, 1, 2, 3, 4, 5].map(work));
    const rows = toPlainItems(await engine().scan(tableName), tableKey({ partitionKey: 'pk', sortKey: 'sk' }));
    expect(rows).toEqual(expectedTable([...new Set(given)], START + 1_000));
    expect(troubles).toBeGreaterThan(0);
  }, 60_000);
};

describeLocal('a race for the same items', race);
describeMemory('a race for the same items', race);
