import type { EventSourceMapping } from '../../../../src/replay/event-source/event-source-mapping';
import { eventSourceMapping } from '../../../../src/replay/event-source/event-source-mapping';
import type { OnFailureRecord } from '../../../../src/replay/event-source/on-failure';
import type { EventSourceMappingOptions } from '../../../../src/replay/event-source/options';
import { fakeStream, named, type FakeRecord, type FakeStream } from '../../../support/fake-stream';

const running: EventSourceMapping[] = [];
afterEach(async () => { await Promise.all(running.splice(0).map((mapping) => mapping.stop())); });

const start = (source: FakeStream, options: Partial<EventSourceMappingOptions<FakeRecord>> = {}) => {
  const errors: unknown[] = [];
  const seen: string[] = [];
  const mapping = eventSourceMapping<FakeRecord>({
    source, startingPosition: 'TRIM_HORIZON', pollIntervalMs: 5, shardSyncIntervalMs: 5, retryDelayMs: () => 0,
    onError: (error) => errors.push(error),
    handler: ({ Records }) => { seen.push(...Records.map(idOf)); },
    ...options,
  });
  running.push(mapping);
  return { mapping, errors, seen };
};

const idOf = ({ kinesis }: FakeRecord): string => kinesis.sequenceNumber;
const quick = { quietMs: 10 };

/** A promise and what resolves it. */
const gate = (): { readonly opened: Promise<void>; readonly open: () => void } => {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => { open = resolve; });
  return { opened, open };
};

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
};

describe('reading', () => {
  it('goes on behind the last record when an iterator expires, and says nothing of it', async () => {
    const stream = fakeStream('a');
    const records = stream.put('a', 120);
    stream.failNext('read', undefined, named('ExpiredIteratorException'));
    const { mapping, errors, seen } = start(stream);
    await mapping.drained(quick);
    expect(seen).toEqual(records.map(idOf));
    expect(stream.asked).toEqual(['a:TRIM_HORIZON', 'a:AFTER_SEQUENCE_NUMBER']);
    expect(errors).toEqual([]);
  });

  it('tells of iterators that expire as soon as they are taken, and waits between them', async () => {
    const stream = fakeStream('a');
    const records = stream.put('a', 3);
    const expired = named('ExpiredIteratorException');
    stream.failNext('read', expired, expired, expired);
    const { mapping, errors, seen } = start(stream);
    await mapping.drained(quick);
    expect(seen).toEqual(records.map(idOf));
    expect(errors).toEqual([expired, expired]);
  });

  it('tries again what fails, wherever it fails, and loses nothing', async () => {
    const stream = fakeStream('a');
    const records = stream.put('a', 120);
    const throttled = named('ProvisionedThroughputExceededException');
    for (const call of ['open', 'shards', 'iterator', 'read'] as const) stream.failNext(call, throttled);
    const { mapping, errors, seen } = start(stream);
    await mapping.drained(quick);
    expect(seen).toEqual(records.map(idOf));
    expect(errors).toEqual([throttled, throttled, throttled, throttled]);
  });

  it('begins at the oldest record when the ones behind its position are trimmed', async () => {
    const stream = fakeStream('a');
    stream.put('a', 60);
    stream.failNext('read', undefined, named('TrimmedDataAccessException'));
    const { mapping } = start(stream);
    await mapping.drained(quick);
    expect(stream.asked).toEqual(['a:TRIM_HORIZON', 'a:TRIM_HORIZON']);
  });

  it('LATEST: only what comes after ready(), and everything of a shard that is made later', async () => {
    const stream = fakeStream('a');
    stream.put('a', 5);
    stream.failNext('read', named('InternalFailure'));
    const { mapping, seen } = start(stream, { startingPosition: 'LATEST' });
    await mapping.ready();
    const late = stream.put('a', 3);
    stream.close('a');
    stream.add({ id: 'b', parents: ['a'], closed: false });
    const later = stream.put('b', 3);
    await mapping.drained(quick);
    expect(seen).toEqual([...late, ...later].map(idOf));
    expect(stream.asked).toEqual(['a:LATEST', 'b:TRIM_HORIZON']);
  });

  it('AT_TIMESTAMP: only what arrived from then on', async () => {
    const stream = fakeStream('a');
    stream.put('a', 3, { time: 999 });
    const wanted = [...stream.put('a', 2, { time: 1_000 }), ...stream.put('a', 2, { time: 5_000 })];
    for (const startingPositionTimestamp of [1, new Date(1_000)]) {
      const { mapping, seen } = start(stream, { startingPosition: 'AT_TIMESTAMP', startingPositionTimestamp });
      await mapping.drained(quick);
      expect(seen).toEqual(wanted.map(idOf));
    }
  });

  it('starts a shard when both of its parents are settled, not only read', async () => {
    const stream = fakeStream('a', 'b');
    stream.put('a', 2);
    stream.put('b', 2);
    stream.close('a');
    stream.close('b');
    stream.add({ id: 'c', parents: ['a', 'b'], closed: false });
    stream.add({ id: 'd', parents: ['long gone'], closed: false });
    const children = stream.put('c', 2).map(idOf);
    const orphans = stream.put('d', 2).map(idOf);
    const { opened, open } = gate();
    const order: string[] = [];
    const { mapping } = start(stream, {
      handler: async ({ Records }) => {
        const ids = Records.map(idOf);
        if (!children.includes(ids[0] as string) && !orphans.includes(ids[0] as string)) await opened;
        order.push(...ids);
      },
    });
    await until(() => mapping.stats.inFlight === 2 && order.length === 2);
    expect(order).toEqual(orphans);
    open();
    await mapping.drained(quick);
    expect(order).toHaveLength(8);
    expect(order.slice(-2)).toEqual(children);
  });

  it('does not read on while a batch is stuck, so that memory has an end', async () => {
    const stream = fakeStream('a');
    stream.put('a', 5_000);
    const { opened, open } = gate();
    const { mapping } = start(stream, { batchSize: 10, handler: () => opened });
    await until(() => mapping.stats.inFlight === 1);
    const before = stream.reads();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(stream.reads()).toBe(before);
    expect(mapping.stats.read).toBeLessThan(200);
    open();
    await mapping.drained(quick);
    expect(mapping.stats.delivered).toBe(5_000);
  });
});

describe('batches', () => {
  it('wait for the window, or until they are full', async () => {
    const stream = fakeStream('a');
    stream.put('a', 25);
    const sizes: number[] = [];
    const { mapping } = start(stream, { batchSize: 10, maximumBatchingWindowInSeconds: 1.5, handler: ({ Records }) => { sizes.push(Records.length); } });
    await until(() => sizes.length === 2);
    stream.put('a', 3);
    await mapping.drained(quick);
    expect(sizes).toEqual([10, 10, 8]);
  });

  it('do not wait for a window when nothing more can come', async () => {
    const stream = fakeStream('a');
    stream.put('a', 3);
    stream.close('a');
    const sizes: number[] = [];
    const { mapping } = start(stream, { maximumBatchingWindowInSeconds: 300, handler: ({ Records }) => { sizes.push(Records.length); } });
    await mapping.drained(quick);
    expect(sizes).toEqual([3]);
  });

  it('hold no more than 6 MB', async () => {
    const stream = fakeStream('a');
    stream.put('a', 5, { key: () => 'x'.repeat(2.5 * 1024 * 1024) });
    const sizes: number[] = [];
    const { mapping } = start(stream, { handler: ({ Records }) => { sizes.push(Records.length); } });
    await mapping.drained(quick);
    expect(sizes).toEqual([2, 2, 1]);
  });

  it('of several lanes run at a time, each key in one lane', async () => {
    const stream = fakeStream('a');
    stream.put('a', 400, { key: (n) => `k${n % 8}` });
    let most = 0;
    const lanes = new Map<string, Set<string>>();
    const seen: FakeRecord[] = [];
    const { mapping } = start(stream, {
      batchSize: 20, parallelizationFactor: 4,
      handler: async ({ Records }) => {
        most = Math.max(most, mapping.stats.inFlight);
        for (const { key } of Records) lanes.set(key, (lanes.get(key) ?? new Set()).add([...new Set(Records.map((record) => record.key))].sort().join()));
        await new Promise((resolve) => setTimeout(resolve, 2));
        seen.push(...Records);
      },
    });
    await mapping.drained(quick);
    expect(most).toBe(4);
    expect(seen).toHaveLength(400);
    for (const key of lanes.keys()) {
      const mine = seen.filter((record) => record.key === key).map((record) => Number(idOf(record)));
      expect(mine).toEqual([...mine].sort((a, b) => a - b));
    }
  });
});

describe('failures', () => {
  it('a handler that takes too long has failed; what it does later changes nothing', async () => {
    const stream = fakeStream('a');
    stream.put('a', 2);
    const failures: OnFailureRecord[] = [];
    const { mapping, errors } = start(stream, {
      functionTimeoutMs: 10, maximumRetryAttempts: 1, onFailure: (failure) => failures.push(failure),
      handler: () => new Promise((resolve) => { setTimeout(() => resolve(null), 40); }),
    });
    await mapping.drained(quick);
    expect(errors).toEqual([expect.objectContaining({ code: 'FUNCTION_TIMEOUT' }), expect.objectContaining({ code: 'FUNCTION_TIMEOUT' })]);
    expect(failures[0]).toMatchObject({ requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 2 }, responseContext: { functionError: 'Unhandled' } });
    expect(mapping.stats).toMatchObject({ delivered: 0, givenUp: 2, failedInvocations: 2 });
  });

  it('a rewind counts as a retry, even when the checkpoint moves on each time', async () => {
    const stream = fakeStream('a');
    const records = stream.put('a', 10);
    const sizes: number[] = [];
    const given: (readonly FakeRecord[])[] = [];
    const { mapping } = start(stream, {
      maximumRetryAttempts: 2, functionResponseTypes: ['ReportBatchItemFailures'], onFailure: (_failure, some) => given.push(some),
      handler: ({ Records }) => {
        sizes.push(Records.length);
        return { batchItemFailures: [{ itemIdentifier: Records[1] && idOf(Records[1]) }] };
      },
    });
    await mapping.drained(quick);
    expect(sizes).toEqual([10, 9, 8]);
    expect(given).toEqual([records.slice(3)]);
  });

  it('records that are too old are given up, the others delivered', async () => {
    const stream = fakeStream('a');
    const old = stream.put('a', 2, { time: Date.now() - 120_000 });
    const young = stream.put('a', 2);
    const given: [OnFailureRecord, readonly FakeRecord[]][] = [];
    const { mapping, seen } = start(stream, { maximumRecordAgeInSeconds: 60, functionName: 'f', onFailure: (failure, records) => given.push([failure, records]) });
    await mapping.drained(quick);
    expect(seen).toEqual(young.map(idOf));
    const [[failure, records] = []] = given;
    expect(records).toEqual(old);
    expect(failure).toEqual({
      requestContext: { requestId: expect.any(String), functionArn: 'arn:aws:lambda:here:000000000000:function:f', condition: 'RecordAgeExceeded', approximateInvokeCount: 0 },
      version: '1.0', timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      KinesisBatchInfo: {
        shardId: 'a', startSequenceNumber: old[0] && idOf(old[0]), endSequenceNumber: old[1] && idOf(old[1]), batchSize: 2, streamArn: 'arn:aws:kinesis:here:000000000000:stream/fake',
        approximateArrivalOfFirstRecord: new Date(old[0]?.time ?? 0).toISOString(), approximateArrivalOfLastRecord: new Date(old[1]?.time ?? 0).toISOString(),
      },
    });
  });

  it('records that get too old while they are retried are given up, after the invocations they had', async () => {
    const stream = fakeStream('a');
    stream.put('a', 2);
    const failures: OnFailureRecord[] = [];
    const { mapping } = start(stream, {
      maximumRecordAgeInSeconds: 0.3, retryDelayMs: () => 20, onFailure: (failure) => failures.push(failure),
      handler: () => { throw new Error('not today'); },
    });
    await mapping.drained(quick);
    expect(failures).toEqual([expect.objectContaining({ requestContext: expect.objectContaining({ condition: 'RecordAgeExceeded', approximateInvokeCount: mapping.stats.invocations }) })]);
    expect(mapping.stats.invocations).toBeGreaterThan(1);
    expect(mapping.stats).toMatchObject({ givenUp: 2, delivered: 0 });
  });

  it('an onFailure that fails is called again, and the shard waits for it', async () => {
    const stream = fakeStream('a');
    stream.put('a', 2);
    const calls: string[] = [];
    const { mapping, errors } = start(stream, {
      batchSize: 1, maximumRetryAttempts: 0,
      handler: ({ Records }) => {
        calls.push(`invoke ${Records.map(idOf).join()}`);
        if (idOf(Records[0] as FakeRecord) === '101') throw new Error('poison');
      },
      onFailure: () => {
        calls.push('onFailure');
        if (calls.filter((call) => call === 'onFailure').length === 1) throw new Error('the queue is not there');
      },
    });
    await mapping.drained(quick);
    expect(calls).toEqual(['invoke 101', 'onFailure', 'onFailure', 'invoke 102']);
    expect(errors.map((error) => (error as Error).message)).toEqual(['poison', 'the queue is not there']);
  });

  it('a handler cannot change what is delivered again, and answers in JSON', async () => {
    const stream = fakeStream('a');
    stream.put('a', 3);
    const sizes: number[] = [];
    const { mapping, errors } = start(stream, {
      maximumRetryAttempts: 3, functionResponseTypes: ['ReportBatchItemFailures'],
      handler: ({ Records }) => {
        sizes.push(Records.length);
        Records.length = 0;
        return sizes.length === 1 ? { batchItemFailures: 1n } : undefined;
      },
    });
    await mapping.drained(quick);
    expect(sizes).toEqual([3, 3]);
    expect(errors).toEqual([expect.any(TypeError)]);
    expect(mapping.stats).toMatchObject({ delivered: 3, invocations: 2, failedInvocations: 1 });
  });

  it('callbacks that throw change nothing', async () => {
    const stream = fakeStream('a');
    const records = stream.put('a', 3);
    const places: unknown[] = [];
    const boom = (): void => { throw new Error('boom'); };
    const { mapping, seen } = start(stream, { onInvoke: boom, onSettled: boom, onError: (_error, place) => places.push(place) });
    await mapping.drained(quick);
    expect(seen).toEqual(records.map(idOf));
    expect(places).toEqual([{ phase: 'callback' }, { phase: 'callback' }]);
  });
});

describe('at least once', () => {
  it('delivers the wanted share of the batches once more', async () => {
    const stream = fakeStream('a');
    const records = stream.put('a', 40);
    const draws = [0.1, 0.2, 0.3, 0.9];
    const settled: string[] = [];
    const { mapping, seen } = start(stream, { batchSize: 10, duplicate: 0.3, random: () => draws.shift() ?? 0.99, onSettled: (some, how) => settled.push(`${how} ${some.length}`) });
    await mapping.drained(quick);
    const ids = records.map(idOf);
    expect(seen).toEqual([...ids.slice(0, 10), ...ids.slice(0, 20), ...ids.slice(10)]);
    expect(settled).toEqual(Array(6).fill('delivered 10'));
    expect(mapping.stats.duplicated).toBe(2);
  });
});

describe('the end', () => {
  it('stop() waits for the invocation under way and begins no other', async () => {
    const stream = fakeStream('a');
    stream.put('a', 20);
    const { opened, open } = gate();
    let ended = 0;
    const { mapping } = start(stream, {
      batchSize: 5,
      handler: async () => {
        await opened;
        ended += 1;
        throw new Error('again');
      },
    });
    await until(() => mapping.stats.inFlight === 1);
    let stopped = false;
    const stopping = mapping.stop().then(() => { stopped = true; });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(stopped).toBe(false);
    open();
    await stopping;
    const reads = stream.reads();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(ended).toBe(1);
    expect(mapping.stats).toMatchObject({ invocations: 1, inFlight: 0, delivered: 0 });
    expect(stream.reads()).toBe(reads);
    await expect(mapping.drained()).rejects.toMatchObject({ code: 'MAPPING_STOPPED' });
    await mapping.ready();
  });

  it('stop() does not wait for an onFailure that never works; nothing counts as given up then', async () => {
    const stream = fakeStream('a');
    stream.put('a', 1);
    let calls = 0;
    const { mapping } = start(stream, {
      maximumRetryAttempts: 0,
      handler: () => { throw new Error('poison'); },
      onFailure: () => {
        calls += 1;
        throw new Error('the queue is not there');
      },
    });
    await until(() => calls === 1);
    await mapping.stop();
    expect(mapping.stats).toMatchObject({ givenUp: 0, invocations: 1 });
  });

  it('a signal stops it, also one that was given too late', async () => {
    const controller = new AbortController();
    const stream = fakeStream('a');
    const { mapping } = start(stream, { signal: controller.signal });
    await mapping.drained(quick);
    controller.abort();
    await mapping.stop();
    const reads = stream.reads();
    const other = start(stream, { signal: controller.signal });
    await other.mapping.stop();
    expect(stream.reads()).toBe(reads);
  });

  it('drained() says why it is not', async () => {
    const stream = fakeStream('a');
    stream.put('a', 1);
    stream.failNext('read', ...Array<Error>(50).fill(named('ResourceNotFoundException')));
    const { mapping } = start(stream);
    await expect(mapping.drained({ timeoutMs: 30 })).rejects.toMatchObject({ code: 'DRAIN_TIMEOUT', message: expect.stringMatching(/30 ms: 0 records read.*ResourceNotFoundException/) });
  });

  it('drained() looks for new shards, however seldom the mapping does', async () => {
    const stream = fakeStream('a');
    const { mapping, seen } = start(stream, { shardSyncIntervalMs: 600_000 });
    await mapping.drained(quick);
    stream.add({ id: 'b', parents: [], closed: false });
    const records = stream.put('b', 3);
    await mapping.drained(quick);
    expect(seen).toEqual(records.map(idOf));
  });

  it('drained() waits for a shard whose parent is stuck', async () => {
    const stream = fakeStream('a');
    stream.put('a', 1);
    stream.close('a');
    stream.add({ id: 'b', parents: ['a'], closed: false });
    const { mapping, errors } = start(stream, { handler: () => { throw new Error('stuck'); }, retryDelayMs: () => 5 });
    await expect(mapping.drained({ timeoutMs: 250, quietMs: 0 })).rejects.toMatchObject({ code: 'DRAIN_TIMEOUT' });
    expect(errors.length).toBeGreaterThan(1);
    expect(stream.asked).toEqual(['a:TRIM_HORIZON']);
  });
});

describe('options', () => {
  it.each([
    ['batchSize', { batchSize: 0 }], ['batchSize', { batchSize: 1.5 }], ['parallelizationFactor', { parallelizationFactor: 11 }],
    ['maximumRetryAttempts', { maximumRetryAttempts: -2 }], ['maximumBatchingWindowInSeconds', { maximumBatchingWindowInSeconds: 301 }],
    ['duplicate', { duplicate: 2 }], ['startingPosition', { startingPosition: 'NOW' as 'LATEST' }], ['startingPositionTimestamp', { startingPosition: 'AT_TIMESTAMP' as const }],
    ['batchSize', { batchSize: NaN }],
  ])('%s out of range is refused at once', (name, options) => {
    expect(() => start(fakeStream('a'), options)).toThrow(expect.objectContaining({ code: 'MAPPING_INVALID', message: expect.stringContaining(name) }));
  });

  it('a bad filter is refused at once', () => {
    expect(() => start(fakeStream('a'), { filterCriteria: { filters: [{ pattern: '{"a":1}' }] } })).toThrow(expect.objectContaining({ code: 'FILTER_INVALID' }));
  });
});
