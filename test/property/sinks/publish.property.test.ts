import fc from 'fast-check';
import { mapTo, publish, toPromise, type Event, type EventPublisher, type Published } from '../../../src';
import { entryOf } from '../../../src/ledger/entry';
import type { Settled } from '../../../src/settled';
import { randomFrom } from '../../support/things';
import { event, fromTest, identifierOf, silent } from '../../support/uows';

interface Part {
  readonly lane: number;
  readonly bytes: number;
  readonly kind: 'good' | 'poison' | 'large';
}
interface Input {
  readonly key: number;
  readonly parts: readonly Part[];
  readonly mapping: 'sync' | 'microtask' | 'later';
}
interface Run {
  readonly inputs: readonly Input[];
  readonly maxEvents: number;
  readonly seed: number;
  readonly troubles: { readonly throttle: number; readonly outage: number; readonly lost: number; readonly entry: number };
  /** Requests until the time is up. */
  readonly time: number;
}

const MAX_BYTES = 30;
const MAX_EVENT_BYTES = 12;

const part = fc.record({
  lane: fc.integer({ min: 0, max: 2 }),
  bytes: fc.integer({ min: 1, max: MAX_EVENT_BYTES }),
  kind: fc.constantFrom<Part['kind']>('good', 'good', 'good', 'good', 'good', 'good', 'good', 'poison', 'large'),
});
const run: fc.Arbitrary<Run> = fc.record({
  inputs: fc.array(fc.record({
    key: fc.integer({ min: 0, max: 3 }),
    parts: fc.oneof(fc.array(part, { maxLength: 3 }), fc.array(part, { minLength: 1, maxLength: 1 })),
    mapping: fc.constantFrom<Input['mapping']>('sync', 'microtask', 'later'),
  }), { maxLength: 25 }),
  maxEvents: fc.integer({ min: 1, max: 6 }),
  seed: fc.integer({ min: 1, max: 1e6 }),
  troubles: fc.record({ throttle: fc.constantFrom(0, 0.2), outage: fc.constantFrom(0, 0.2), lost: fc.constantFrom(0, 0.2), entry: fc.constantFrom(0, 0.3, 0.6) }),
  time: fc.oneof(fc.constant(Infinity), fc.integer({ min: 0, max: 12 })),
});

const named = (name: string): Error => Object.assign(new Error(name), { name });

/** A stream that fails in every way that Kinesis has, and the log of what it stored. */
const unreliable = ({ maxEvents, seed, troubles }: Run) => {
  const random = randomFrom(seed);
  const log: Event[] = [];
  const broken: string[] = [];
  let underWay = 0;
  let requests = 0;
  const send = async (events: readonly Event[]): Promise<readonly Published[]> => {
    requests += 1;
    underWay += 1;
    if (underWay > 1) broken.push('two requests at once');
    if (events.length < 1 || events.length > maxEvents) broken.push(`${events.length} events in a request`);
    if (events.reduce((sum, { bytes }) => sum + Number(bytes), 0) > MAX_BYTES) broken.push('too many bytes in a request');
    if (new Set(events.map(({ partitionKey }) => partitionKey)).size < events.length) broken.push('a key twice in a request');
    await new Promise((resolve) => (random() < 0.5 ? setImmediate(resolve) : resolve(undefined)));
    underWay -= 1;
    const roll = random();
    if (roll < troubles.throttle) throw named('ProvisionedThroughputExceededException');
    if (roll < troubles.throttle + troubles.outage) throw named('ECONNRESET');
    // As the service does: one record that it cannot take, and it takes none.
    if (events.some(({ kind }) => kind === 'poison')) throw named('ValidationException');
    const results = events.map((one) => {
      if (random() < troubles.entry) return { error: named('InternalFailure') };
      log.push(one);
      return undefined;
    });
    if (random() < troubles.lost) throw named('TimeoutError');
    return results;
  };
  const publisher: EventPublisher = Object.assign(send, { maxEvents, maxBytes: MAX_BYTES, maxEventBytes: MAX_EVENT_BYTES, bytesOf: ({ bytes }: Event) => Number(bytes) });
  return { publisher, log, broken, requests: () => requests };
};

/** The events of an input; those of one source key and lane share a partition key that nobody else has. */
const eventsOf = ({ key, parts }: Input, at: number): Event[] =>
  parts.map(({ lane, bytes, kind }, n) => event(`${at}.${n}`, { partitionKey: `${key}/${lane}`, at, key, n, kind, bytes: kind === 'large' ? MAX_EVENT_BYTES + 1 : bytes }));

it('settles every event once, keeps the order of each key, and loses nothing, whatever the stream does', async () => {
  let published = 0;
  let retried = 0;
  await fc.assert(fc.asyncProperty(run, async (given) => {
    const { inputs, time } = given;
    const { publisher, log, broken, requests } = unreliable(given);
    const settled: Settled[] = [];
    const seen: unknown[] = [];
    const head = fromTest(inputs.map(({ key }, at) => ({ event: event(`in-${at}`, { at }), key: `key-${key}` })), {
      logger: silent, publishFault: async () => {}, onSettled: (one) => settled.push(one),
      context: { getRemainingTimeInMillis: () => (requests() < time ? 1e9 : -1) },
    });
    const mapping = ({ event: { at } }: { event: Event }): Event[] | Promise<Event[]> => {
      const input = inputs[Number(at)] as Input;
      const events = eventsOf(input, Number(at));
      if (input.mapping === 'sync') return events;
      return input.mapping === 'microtask' ? Promise.resolve(events) : new Promise((resolve) => setImmediate(() => resolve(events)));
    };
    const response = await head
      .through(mapTo('publish', (uow) => mapping(uow)))
      .through(publish({ publisher, retry: { maxAttempts: 3, baseMs: 0 } }))
      .tap((uow) => seen.push([uow.event.id, entryOf(uow)?.outcomes.length ?? 0]))
      .through(toPromise);

    expect(broken).toEqual([]);
    // Each input once in the books and once in the stream, with one outcome, or none yet when it had nothing to publish.
    expect(settled.map(({ event: one }) => one?.id)).toEqual(inputs.map((_input, at) => `in-${at}`));
    if (time > 0) {
      const withEvents = (at: number) => (inputs[at]?.parts.length ?? 0) > 0;
      expect([...seen].sort()).toEqual(inputs.map((_input, at) => [`in-${at}`, withEvents(at) ? 1 : 0]).sort());
    }

    const storedIds = new Set(log.map(({ id }) => id));
    const outcomes = settled.map(({ outcome }) => outcome);
    inputs.forEach((input, at) => {
      const outcome = outcomes[at];
      const events = eventsOf(input, at);
      const bad = input.parts.some(({ kind }) => kind !== 'good');
      if (outcome?.kind === 'published') {
        published += 1;
        expect(events.length).toBeGreaterThan(0);
        expect(events.filter(({ id }) => !storedIds.has(id))).toEqual([]);
      } else if (outcome?.kind === 'fault') expect(bad).toBe(true);
      else if (outcome?.kind === 'filtered') expect(events).toEqual([]);
      else {
        retried += 1;
        expect(outcome).toMatchObject({ kind: 'retry', reason: expect.stringMatching(/^(transient|held|deadline|redelivered|unpublished)$/) });
        // What it leaves unsaid holds the rest of its key.
        const missing = new Set(events.filter(({ id }) => !storedIds.has(id)).map(({ partitionKey }) => partitionKey));
        if (!bad) expect(log.filter(({ at: later, partitionKey }) => Number(later) > at && missing.has(partitionKey))).toEqual([]);
      }
    });
    const lowest = outcomes.findIndex((outcome) => outcome.kind === 'retry');
    expect(response).toEqual({ batchItemFailures: lowest < 0 ? [] : [{ itemIdentifier: identifierOf(lowest) }] });

    // An event may be stored twice, but never after a later one of its key.
    for (const partitionKey of new Set(log.map((one) => one.partitionKey))) {
      const places = log.filter((one) => one.partitionKey === partitionKey).map(({ at, n }) => Number(at) * 10 + Number(n));
      expect(places).toEqual([...places].sort((a, b) => a - b));
    }
  }), { numRuns: 500 });
  expect([published > 100, retried > 100]).toEqual([true, true]); // the run has met both
}, 60_000);
