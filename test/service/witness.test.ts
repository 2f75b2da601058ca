import { createWitness, readAll } from '../../src/service/local/e2e/witness';
import type { StreamSource } from '../../src/replay/event-source/stream-source';

const record = (number: number) => ({ eventID: `shard-0:${number}`, kinesis: { sequenceNumber: String(number) } });
const records = [1, 2, 3].map(record);

const missingAfter = async (answer: Promise<unknown>): Promise<readonly string[]> => {
  const witness = createWitness();
  witness.watch('listener', { Records: records }, answer);
  await Promise.allSettled([answer]);
  return witness.missing('listener', records);
};
const never = (number: number) => `listener has never handled record shard-0:${number}`;

describe('the witness of the end-to-end run', () => {
  it('believes an answer, and nobody who died', async () => {
    expect(await missingAfter(Promise.resolve({ batchItemFailures: [] }))).toEqual([]);
    expect(await missingAfter(Promise.reject(new Error('killed')))).toEqual([never(1), never(2), never(3)]);
  });

  it('counts what stands before the first failure only', async () => {
    expect(await missingAfter(Promise.resolve({ batchItemFailures: [{ itemIdentifier: '3' }, { itemIdentifier: '2' }] }))).toEqual([never(2), never(3)]);
  });

  it('keeps functions apart', async () => {
    const witness = createWitness();
    const answer = Promise.resolve({ batchItemFailures: [] });
    witness.watch('trigger', { Records: records }, answer);
    await answer;
    expect(witness.missing('listener', records)).toHaveLength(3);
  });

  it('reads a stream to its end, over pages that are empty', async () => {
    const pages = [[1], [], [2, 3], []].map((numbers, at, all) => ({ records: numbers.map(record), atTip: at === all.length - 1, next: String(at + 1) }));
    const source = {
      open: () => Promise.resolve('arn'),
      shards: () => Promise.resolve([{ id: 's', parents: [], closed: false }]),
      iterator: () => Promise.resolve('0'),
      read: (_shard: string, at: string) => Promise.resolve(pages[Number(at)]),
    } as unknown as StreamSource<unknown>;
    expect(await readAll(source, new AbortController().signal)).toEqual(records);
  });
});
