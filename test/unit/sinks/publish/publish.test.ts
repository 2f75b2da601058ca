import _ from 'highland';
import { mapTo, publish, toPromise, update, type Event, type EventPublisher, type Published, type RetryOptions } from '../../../../src';
import type { FaultEvent } from '../../../../src/faults/fault-event';
import type { Settled } from '../../../../src/settled';
import { deferred, event, fromTest, identifierOf, silent, type TestRecord } from '../../../support/uows';

type Answer = (events: readonly Event[], request: number, signal: AbortSignal) => readonly Published[] | Promise<readonly Published[]>;

/** A publisher that notes the ids of each request. */
const fake = (answer: Answer = (events) => events.map(() => undefined), limits: Partial<Pick<EventPublisher, 'maxEvents' | 'maxBytes' | 'maxEventBytes' | 'keyOf'>> = {}) => {
  const requests: string[][] = [];
  const publisher: EventPublisher = Object.assign(
    async (events: readonly Event[], { signal }: { signal: AbortSignal }) => answer(events, requests.push(events.map(({ id }) => id)), signal),
    { maxEvents: 10, maxBytes: 1000, bytesOf: ({ bytes }: Event) => Number(bytes ?? 1), ...limits },
  );
  return { publisher, requests };
};

const error = (name: string): Error => Object.assign(new Error(name), { name });
const throttled = () => error('ProvisionedThroughputExceededException');

/** The test event is what is published; its `partitionKey` is the source's key, too. */
const at = (id: string, key: string, more: Partial<Event> = {}): TestRecord => ({ event: event(id, { partitionKey: key, ...more }) });

const run = async (records: readonly TestRecord[], publisher: EventPublisher, { retry = { maxAttempts: 3, baseMs: 0 }, context }: { retry?: RetryOptions; context?: { getRemainingTimeInMillis: () => number } } = {}) => {
  const settled: Settled[] = [];
  const faults: FaultEvent[] = [];
  const head = fromTest(records, {
    logger: silent, onSettled: (one) => settled.push(one), ...(context && { context }), publishFault: async (fault) => { faults.push(fault); },
  });
  const response = await head.map((uow) => ({ ...uow, publish: uow.event })).through(publish({ publisher, retry })).through(toPromise);
  return { outcomes: settled.map(({ outcome }) => ('reason' in outcome ? outcome.reason : outcome.kind)), settled, faults, response };
};

describe('publish', () => {
  it('sends what is there in one request, each key once', async () => {
    const { publisher, requests } = fake();
    const { outcomes } = await run([at('a1', 'a'), at('b1', 'b'), at('a2', 'a'), at('c1', 'c'), at('a3', 'a'), at('b2', 'b')], publisher);
    expect(requests).toEqual([['a1', 'b1', 'c1'], ['a2', 'b2'], ['a3']]);
    expect(outcomes).toEqual(Array(6).fill('published'));
  });

  it('keeps within the number and the bytes of a request, the earliest first', async () => {
    const records = [at('a', 'a', { bytes: 6 }), at('b', 'b', { bytes: 6 }), at('c', 'c', { bytes: 4 }), at('d', 'd', { bytes: 1 }), at('e', 'e', { bytes: 1 })];
    const { publisher, requests } = fake(undefined, { maxBytes: 11, maxEvents: 2 });
    await run(records, publisher);
    expect(requests).toEqual([['a', 'c'], ['b', 'd'], ['e']]);
  });

  it('passes what has nothing to publish, and settles several events of a uow once', async () => {
    const { publisher, requests } = fake();
    const settled: Settled[] = [];
    const out: unknown[] = [];
    const head = fromTest([at('none', 'n'), at('many', 'm'), at('empty', 'e')], { logger: silent, onSettled: (one) => settled.push(one) });
    const events: Record<string, Event[]> = { many: [event('m1', { partitionKey: 'x' }), event('m2', { partitionKey: 'x' }), event('m3', { partitionKey: 'y' })], empty: [] };
    await head
      .through(mapTo('publish', (uow) => events[uow.event.id]))
      .through(publish({ publisher }))
      .tap(({ event: { id }, outcome }) => out.push([id, outcome?.kind]))
      .through(toPromise);
    expect(requests).toEqual([['m1', 'm3'], ['m2']]);
    expect(settled.map(({ outcome }) => outcome.kind)).toEqual(['filtered', 'published', 'filtered']);
    expect(out).toEqual([['none', undefined], ['empty', undefined], ['many', 'published']]);
  });

  it('tries a throttled event again, while other keys go on, and never lets its followers pass', async () => {
    const { publisher, requests } = fake((events, request) => events.map(({ id }) => (id === 'a1' && request < 3 ? { error: throttled() } : undefined)));
    const { outcomes } = await run([at('a1', 'a'), at('b1', 'b'), at('b2', 'b'), at('a2', 'a')], publisher);
    expect(requests).toEqual([['a1', 'b1'], ['a1', 'b2'], ['a1'], ['a2']]);
    expect(outcomes).toEqual(['published', 'published', 'published', 'published']);
  });

  it('tries as often as it is told, then reports the event, and holds the rest of its key', async () => {
    const { publisher, requests } = fake((events) => events.map(({ id }) => (id === 'a1' ? { error: throttled() } : undefined)));
    const { outcomes, response } = await run([at('b1', 'b'), at('a1', 'a'), at('a2', 'a'), at('c1', 'c')], publisher);
    expect(requests).toEqual([['b1', 'a1', 'c1'], ['a1'], ['a1']]);
    expect(outcomes).toEqual(['published', 'transient', 'held', 'published']);
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: identifierOf(1) }] });
  });

  it('waits with full jitter between attempts, all that failed together the same time', async () => {
    const { publisher, requests } = fake((events, request) => events.map(() => (request <= 2 ? { error: throttled() } : undefined)));
    const rolls: number[] = [];
    const random = () => rolls.push(0.5) / 2;
    await run([at('a', 'a'), at('b', 'b')], publisher, { retry: { baseMs: 4, random } });
    expect(requests).toEqual([['a', 'b'], ['a', 'b'], ['a', 'b']]);
    expect(rolls).toHaveLength(3);
  });

  it('does not sleep into the deadline', async () => {
    const { publisher, requests } = fake(() => { throw throttled(); });
    const { outcomes } = await run([at('a', 'a')], publisher, { retry: { baseMs: 1e9, capMs: 1e9, random: () => 1 }, context: { getRemainingTimeInMillis: () => 60_000 } });
    expect([requests.length, outcomes]).toEqual([1, ['transient']]);
  });

  it('sets aside what is refused for good; later events of the key go on', async () => {
    const { publisher, requests } = fake((events) => events.map(({ id }) => (id === 'a1' ? { error: error('RecordRefused') } : undefined)));
    const { outcomes, faults } = await run([at('a1', 'a'), at('a2', 'a')], publisher);
    expect(requests).toEqual([['a1'], ['a2']]);
    expect(outcomes).toEqual(['fault', 'published']);
    expect(faults).toEqual([expect.objectContaining({ err: expect.objectContaining({ name: 'RecordRefused' }) })]);
  });

  it('finds the one event that spoils its request', async () => {
    const { publisher, requests } = fake((events) => {
      if (events.some(({ id }) => id === '5')) throw error('ValidationException');
      return events.map(() => undefined);
    });
    const { outcomes } = await run(Array.from({ length: 8 }, (_one, i) => at(String(i), String(i))), publisher);
    expect(outcomes).toEqual(['published', 'published', 'published', 'published', 'published', 'fault', 'published', 'published']);
    expect(requests.length).toBeLessThan(10);
  });

  it('reports everything, sets nothing aside and does not ask twice when access is denied', async () => {
    const { publisher, requests } = fake(() => { throw error('AccessDeniedException'); });
    const { outcomes } = await run([at('a1', 'a'), at('b1', 'b'), at('a2', 'a')], publisher);
    expect(requests).toEqual([['a1', 'b1']]);
    expect(outcomes).toEqual(['configuration', 'configuration', 'held']);
  });

  it('makes a fault of an event that is too large, and names its size', async () => {
    const { publisher, requests } = fake(undefined, { maxBytes: 100, maxEventBytes: 10 });
    const { outcomes, settled } = await run([at('a', 'a', { bytes: 11 }), at('b', 'b', { bytes: NaN }), at('c', 'c', { bytes: 10 })], publisher);
    expect(requests).toEqual([['c']]);
    expect(outcomes).toEqual(['fault', 'fault', 'published']);
    expect(settled[0]?.outcome).toMatchObject({ error: { code: 'EVENT_TOO_LARGE', message: expect.stringMatching(/11 bytes.* 10/) } });
  });

  it('drops the rest of a uow with the first event that fails, and holds the keys that are left unsaid', async () => {
    const { publisher, requests } = fake((events) => events.map(({ id }) => (id === 'x' ? { error: throttled() } : undefined)));
    const settled: Settled[] = [];
    const events: Record<string, Event[]> = {
      many: [event('x', { partitionKey: 'x' }), event('y1', { partitionKey: 'y' }), event('y2', { partitionKey: 'y' })],
      y: [event('y3', { partitionKey: 'y' })],
      z: [event('z', { partitionKey: 'z' })],
    };
    await fromTest([at('many', '1'), at('y', '2'), at('z', '3')], { logger: silent, onSettled: (one) => settled.push(one) })
      .through(mapTo('publish', (uow) => events[uow.event.id]))
      .through(publish({ publisher, retry: { maxAttempts: 1 } }))
      .through(toPromise);
    expect(requests).toEqual([['x', 'y1', 'z']]);
    expect(settled.map(({ outcome }) => ('reason' in outcome ? outcome.reason : outcome.kind))).toEqual(['transient', 'held', 'published']);
  });

  it('waits for earlier events of the key whose mapping is slow, but for no stranger', async () => {
    const slow = deferred();
    const { publisher, requests } = fake((events) => {
      if (events.some(({ id }) => id === 'b1')) slow.resolve();
      return events.map(() => undefined);
    });
    await fromTest([at('a1', 'a'), at('a2', 'a'), at('b1', 'b')], { logger: silent })
      .through(mapTo('publish', async ({ event: one }) => {
        if (one.id === 'a1') await slow.promise;
        return one;
      }))
      .through(publish({ publisher }))
      .through(toPromise);
    expect(requests).toEqual([['b1'], ['a1'], ['a2']]);
  });

  it('holds what follows an event whose mapping is to be retried: what that one would say is not known', async () => {
    const { publisher, requests } = fake();
    const settled: Settled[] = [];
    await fromTest([at('a1', 'a'), at('b1', 'b'), at('a2', 'a')], { logger: silent, onSettled: (one) => settled.push(one) })
      .through(mapTo('publish', async ({ event: one }) => {
        if (one.id === 'a1') throw throttled();
        return one;
      }))
      .through(publish({ publisher }))
      .through(toPromise);
    expect(requests).toEqual([['b1']]);
    expect(settled.map(({ outcome }) => ('reason' in outcome ? outcome.reason : outcome.kind))).toEqual(['transient', 'published', 'held']);
  });

  /** Maps at once, but for `slow`, whose mapping resolves to the result of `until`. */
  const mapped = async (records: readonly TestRecord[], publisher: EventPublisher, until: Promise<Event | undefined>, options: { retry?: RetryOptions; context?: { getRemainingTimeInMillis: () => number } } = {}) => {
    const { retry = {}, context } = options;
    const settled: Settled[] = [];
    await fromTest(records, { logger: silent, onSettled: (one) => settled.push(one), ...(context && { context }) })
      .through(mapTo('publish', ({ event: one }) => (one.id === 'slow' ? until : one)))
      .through(publish({ publisher, retry }))
      .through(toPromise);
    return settled.map(({ outcome }) => ('reason' in outcome ? outcome.reason : outcome.kind));
  };

  it('lets events of one source key share a request when they have different partition keys', async () => {
    const first = deferred<undefined>();
    const { publisher, requests } = fake((events) => {
      first.resolve(undefined);
      return events.map(() => undefined);
    });
    await mapped([...['x', 'y'].map((id) => ({ ...at(id, id), key: 'same' })), at('slow', 'slow')], publisher, first.promise);
    expect(requests).toEqual([['x', 'y']]);
  });

  it('goes on when an earlier event of the key turns out to say nothing', async () => {
    const later = deferred<undefined>();
    const { publisher, requests } = fake((events) => {
      if (requests.length === 1) setImmediate(() => later.resolve(undefined)); // only now: nothing else is under way then
      return events.map(() => undefined);
    });
    const outcomes = await mapped([at('slow', 'a'), at('a2', 'a'), at('b', 'b')], publisher, later.promise);
    expect([requests, outcomes]).toEqual([[['b'], ['a2']], ['nothing was written', 'published', 'published']]);
  });

  it('sends what arrives while another key pauses', async () => {
    const later = deferred<Event>();
    const { publisher, requests } = fake((events) => events.map(({ id }) => {
      if (id !== 'a') return undefined;
      setImmediate(() => later.resolve(event('late', { partitionKey: 'b' })));
      return { error: throttled() };
    }));
    const outcomes = await mapped([at('a', 'a'), at('slow', 'b')], publisher, later.promise, {
      retry: { baseMs: 1e6, capMs: 1e6, random: () => 0.5 }, context: { getRemainingTimeInMillis: () => (requests.length > 0 ? 1e9 : 500) },
    });
    expect([requests, outcomes]).toEqual([[['a'], ['late']], ['deadline', 'published']]);
  });

  it('does not wait for the end of a pause when the time is up', async () => {
    const { publisher, requests } = fake(() => { throw throttled(); });
    const { outcomes } = await run([at('a1', 'a'), at('a2', 'a')], publisher, { retry: { baseMs: 1e6, capMs: 1e6, random: () => 0.5 }, context: { getRemainingTimeInMillis: () => (requests.length > 0 ? 1e9 : 500) } });
    expect([requests, outcomes]).toEqual([[['a1']], ['deadline', 'deadline']]);
  });

  it('reports what is under way, and what waits, when the time is up', async () => {
    const { publisher } = fake((_events, request, signal) =>
      request === 1 ? [undefined] : new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(error('AbortError')))), { maxEvents: 1 });
    const { outcomes, response } = await run([at('a', 'a'), at('b', 'b'), at('c', 'c')], publisher, { context: { getRemainingTimeInMillis: () => 500 } });
    expect(outcomes).toEqual(['published', 'deadline', 'deadline']);
    expect(response.batchItemFailures).toEqual([{ itemIdentifier: identifierOf(1) }]);
  });

  it('is not held up by a publisher that never answers', async () => {
    const { publisher } = fake(() => new Promise(() => {}));
    const { outcomes } = await run([at('a', 'a'), at('a2', 'a')], publisher, { context: { getRemainingTimeInMillis: () => 30 } });
    expect(outcomes).toEqual(['deadline', 'deadline']);
  });

  it.each([['a short list', [] as Published[]], ['nothing', undefined as never]])('takes %s for no answer: nothing counts as published', async (_name, answer) => {
    const { publisher } = fake(() => answer);
    const { settled } = await run([at('a', 'a')], publisher);
    expect(settled[0]?.outcome).toMatchObject({ kind: 'fault', error: { code: 'INVALID_PUBLISHER' } });
  });

  it('lets the publisher say what a key is', async () => {
    const { publisher, requests } = fake(undefined, { keyOf: ({ room }) => String(room) });
    await run([at('a', 'a', { room: 1 }), at('b', 'b', { room: 1 }), at('c', 'c', { room: 2 })], publisher);
    expect(requests).toEqual([['a', 'c'], ['b']]);
  });

  it('shares requests, and the order, between steps with one publisher', async () => {
    const { publisher, requests } = fake();
    const [one, two] = [publish({ publisher }), publish({ publisher })];
    const head = fromTest([at('a1', 'a'), at('a2', 'a'), at('b1', 'b')], { logger: silent }).map((uow) => ({ ...uow, publish: uow.event }));
    const [left, right] = [head.fork(), head.fork()];
    await (_([
      left.filter(({ event: { id } }) => id === 'a1').through(one),
      right.filter(({ event: { id } }) => id !== 'a1').through(two),
    ]).merge() as Highland.Stream<unknown>).through(toPromise);
    expect(requests).toEqual([['a1', 'b1'], ['a2']]);
  });

  it('does not publish what an earlier sink could not write', async () => {
    const { publisher, requests } = fake();
    const settled: Settled[] = [];
    await fromTest([at('a', 'a')], { logger: silent, onSettled: (one) => settled.push(one) })
      .map((uow) => ({ ...uow, publish: uow.event, updateRequest: { Key: { pk: '1' } } }))
      .through(update({ client: { send: () => Promise.reject(throttled()) } as never, tableName: 't', retry: { maxAttempts: 1 } }))
      .through(publish({ publisher }))
      .through(toPromise);
    expect(requests).toEqual([]);
    expect(settled[0]?.outcome).toMatchObject({ kind: 'retry', reason: 'transient' });
  });

  it('passes the error down a stream that no source made', async () => {
    const { publisher } = fake(() => { throw error('Refused'); });
    const errors: string[] = [];
    await _([{ publish: event('a') }]).through(publish({ publisher })).errors(({ name }) => errors.push(name)).collect().toPromise(Promise);
    expect(errors).toEqual(['Refused']);
  });

  it.each([[{}], [undefined], [{ publisher: () => Promise.resolve([]) }], [{ publisher: Object.assign(async () => [], { maxEvents: 0, maxBytes: 1, bytesOf: () => 1 }) }]])('refuses %j in place of a publisher', (options) => {
    expect(() => publish(options as never)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});
