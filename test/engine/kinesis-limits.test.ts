import { mapTo, publish, toPromise, type Event } from '../../src';
import type { Settled } from '../../src/settled';
import { kinesisPublisher } from '../../src/sinks/kinesis';
import { kinesisEngine, type KinesisEngine } from '../support/kinesis-engine';
import { event, fromTest, silent } from '../support/uows';

const MIB = 1024 * 1024;

describe('kinesisPublisher [kinesalite]', () => {
  let kinesis: KinesisEngine;
  beforeAll(async () => { kinesis = await kinesisEngine(); });
  afterAll(() => kinesis.stop());

  const send = async (events: readonly Event[]) => {
    const streamName = await kinesis.createStream(3);
    const settled: Settled[] = [];
    await fromTest(events.map((one) => ({ event: one })), { logger: silent, publishFault: async () => {}, onSettled: (one) => settled.push(one) })
      .through(mapTo('publish', ({ event: one }) => one))
      .through(publish({ publisher: kinesisPublisher({ client: kinesis.client, streamName }), retry: { maxAttempts: 1 } }))
      .through(toPromise);
    const stored = (await kinesis.read(streamName)).map(({ Data }) => JSON.parse(Buffer.from(Data ?? []).toString('utf8')) as Event);
    return { stored, outcomes: settled.map(({ outcome }) => outcome) };
  };

  it('takes more events than a request holds, each key in its order', async () => {
    const { stored, outcomes } = await send(Array.from({ length: 1300 }, (_one, at) => event(`e${at}`, { partitionKey: `k${at % 650}`, at })));
    expect(outcomes.filter(({ kind }) => kind !== 'published')).toEqual([]);
    expect(stored).toHaveLength(1300);
    const places = new Map<unknown, number[]>();
    for (const { partitionKey, at } of stored) places.set(partitionKey, [...(places.get(partitionKey) ?? []), Number(at)]);
    for (const list of places.values()) expect(list).toEqual([...list].sort((a, b) => a - b));
  });

  it('fills requests up to 5 MiB and records up to 1 MiB, and not beyond', async () => {
    const { bytesOf } = kinesisPublisher();
    const sized = (id: string, bytes: number): Event => {
      const bare = event(id, { partitionKey: 'ü'.repeat(20) + id, text: '' });
      return { ...bare, text: 'x'.repeat(bytes - bytesOf(bare)) };
    };
    const { stored, outcomes } = await send([sized('too-large', MIB + 1), ...Array.from({ length: 7 }, (_one, at) => sized(`full-${at}`, MIB))]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['fault', ...Array<string>(7).fill('published')]);
    expect(outcomes[0]).toMatchObject({ error: { code: 'EVENT_TOO_LARGE', details: { bytes: MIB + 1, limit: MIB } } });
    expect(stored).toHaveLength(7);
  });
});
