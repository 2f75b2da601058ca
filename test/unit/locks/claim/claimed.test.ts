import _ from 'highland';
import { createHandler, fromKinesis, initializeFrom, pipeline, split, toKinesisRecords, toPromise, type Event, type Metrics, type Settled, type Uow } from '../../../../src';
import type { FaultEvent } from '../../../../src/faults/fault-event';
import { claimed, type Claims } from '../../../../src/locks';
import type { ClaimedOptions, WithEffect } from '../../../../src/locks/claim/claimed-options';
import { collecting } from '../../../support/collecting';
import { claimWorld, type ClaimWorld } from '../../../support/locks/claim-world';
import { deferred, event, fromTest, identifierOf, silent, type TestRecord } from '../../../support/uows';

type Options = Partial<ClaimedOptions<Uow, unknown>>;
type Step = (stream: Highland.Stream<Uow>) => Highland.Stream<Uow & WithEffect<unknown>>;

/** One event of a key of its own, or of the key that is given. */
const at = (id: string, key = id): TestRecord => ({ event: event(id, { partitionKey: key }) });

/** Runs the records through the steps and tells what each ended in. */
const run = async (records: readonly TestRecord[], steps: readonly Step[], context?: { getRemainingTimeInMillis: () => number }) => {
  const [settled, faults, out]: [Settled[], FaultEvent[], unknown[]] = [[], [], []];
  const settings = { logger: silent, onSettled: (one: Settled) => { settled.push(one); }, publishFault: async (fault: FaultEvent) => { faults.push(fault); }, ...(context && { context }) };
  let stream = fromTest(records, settings) as unknown as Highland.Stream<Uow>;
  for (const step of steps) stream = stream.through(step);
  const { batchItemFailures } = await toPromise(collecting(out)(stream as never));
  return {
    outcomes: settled.map(({ outcome: { kind, ...rest } }) => ('reason' in rest ? `${kind}: ${rest.reason}` : kind)),
    settled, faults, out: out as (Uow & WithEffect<unknown>)[], failures: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
  };
};

describe('claimed', () => {
  let world: ClaimWorld;
  let claims: Claims;
  let ran: string[];
  const step = (options: Options = {}): Step => claimed({ claims, run: ({ event: { id } }) => { ran.push(id); return `sent ${id}`; }, ...options });

  beforeEach(async () => {
    world = await claimWorld();
    claims = world.node();
    ran = [];
  });

  it('5.4 #27 an event that is delivered twice has its effect once', async () => {
    const batch = [at('a'), at('b'), at('a')];
    const first = await run(batch, [step()]);
    expect(first.outcomes).toEqual(['published', 'published', 'duplicate']);
    expect(first.out.map(({ effect }) => effect).sort()).toEqual(['sent a', 'sent b', undefined]);
    expect((await run(batch, [step()])).outcomes).toEqual(['duplicate', 'duplicate', 'duplicate']);
    expect(ran).toEqual(['a', 'b']);
  });

  it('5.4 #27 of two invocations at once, one has the effect, and the other reports the event back', async () => {
    const [started, work] = [deferred(), deferred<string>()];
    const slow = run([at('a')], [step({ run: ({ event: { id } }) => { ran.push(id); started.resolve(); return work.promise; } })]);
    await started.promise;
    const other = await run([at('z'), at('a')], [step()]);
    expect(other.outcomes).toEqual(['published', 'retry: held']);
    expect(other.failures).toEqual([identifierOf(1)]);
    expect(other.settled[1]?.outcome).toMatchObject({ error: { code: 'CLAIM_HELD', retryAfterMs: expect.any(Number) } });
    work.resolve('sent');
    expect((await slow).outcomes).toEqual(['published']);
    expect((await run([at('a')], [step()])).outcomes).toEqual(['duplicate']);
    expect(ran).toEqual(['a', 'z']);
  });

  it('an event whose claimant has died has its effect when the claim is over', async () => {
    await claims.claim('a', { ttlMs: 60_000 });
    expect((await run([at('a')], [step()])).outcomes).toEqual(['retry: held']);
    world.clock.block(62_001);
    expect((await run([at('a')], [step()])).outcomes).toEqual(['published']);
  });

  it('events behind one that is held wait for it, those of other keys do not', async () => {
    await claims.claim('b', { ttlMs: 60_000 });
    const { outcomes } = await run([at('a', 'k'), at('b', 'k'), at('c', 'k'), at('d')], [step()]);
    expect(outcomes).toEqual(['published', 'retry: held', 'retry: held', 'published']);
    expect(ran.sort()).toEqual(['a', 'd']);
  });

  it('effects of a key keep the order of its events; other keys overtake, as many at once as allowed', async () => {
    let [underWay, most] = [0, 0];
    const slowly = async ({ event: { id } }: Uow) => {
      most = Math.max(most, (underWay += 1));
      await new Promise((resolve) => { setTimeout(resolve, id === 'a1' ? 20 : 1); });
      underWay -= 1;
      ran.push(id);
    };
    await run([at('a1', 'a'), at('a2', 'a'), at('a3', 'a'), ...['b', 'c', 'd', 'e'].map((id) => at(id))], [step({ run: slowly, concurrency: 3 })]);
    expect(most).toBe(3);
    expect(ran.filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    expect(ran[0]).not.toBe('a1');
  });

  it('what the effect throws gives the claim back, and goes the usual way', async () => {
    const errors: Record<string, Error> = { a: new TypeError('no address'), b: Object.assign(new Error('busy'), { name: 'ThrottlingException' }) };
    const failing = step({ run: async ({ event: { id } }: Uow) => { ran.push(id); if (errors[id]) throw errors[id]; } });
    const { outcomes, faults, failures } = await run([at('a'), at('b'), at('c')], [failing]);
    expect(outcomes).toEqual(['fault', 'retry: transient', 'published']);
    expect([faults.map(({ err }) => err.name), failures]).toEqual([['TypeError'], [identifierOf(1)]]);
    errors['a'] = errors['b'] = undefined as never;
    expect((await run([at('a'), at('b'), at('c')], [failing])).outcomes).toEqual(['published', 'published', 'duplicate']);
    expect(ran).toEqual(['a', 'b', 'c', 'a', 'b']);
  });

  it('events behind a fault go on, as everywhere', async () => {
    const { outcomes } = await run([at('a', 'k'), at('b', 'k')], [step({ run: ({ event: { id } }) => { if (id === 'a') throw new Error('x'); } })]);
    expect(outcomes).toEqual(['fault', 'published']);
  });

  it.each([['run', 'published'], ['skip', 'filtered: claims: the table did not answer, and onError is skip'], ['throw', 'retry: transient']] as const)(
    'without the table: %s', async (onError, outcome) => {
      claims = world.node({}, () => 'request lost');
      expect((await run([at('a')], [step({ onError })])).outcomes).toEqual([outcome]);
      expect(ran).toEqual(onError === 'run' ? ['a'] : []);
    },
  );

  it('an access that is denied is a matter of the configuration', async () => {
    claims = world.node({ onError: 'throw' }, () => 'denied');
    expect((await run([at('a')], [step()])).outcomes).toEqual(['retry: configuration']);
  });

  it('a result may be kept for the duplicates', async () => {
    await run([at('a')], [step({ keepResult: true, run: () => ({ messageId: 7 }) })]);
    expect((await run([at('a')], [step({ keepResult: true })])).out).toEqual([expect.objectContaining({ effect: { messageId: 7 }, outcome: { kind: 'duplicate' } })]);
  });

  it('is remembered for as long as it is said', async () => {
    await run([at('a')], [step({ keepForMs: 1_000 })]);
    world.clock.block(3_001);
    expect((await run([at('a')], [step({ keepForMs: 1_000 })])).outcomes).toEqual(['published']);
  });

  describe('at the end of the invocation\'s time', () => {
    const context = () => { const end = performance.now() + 400; return { getRemainingTimeInMillis: () => end - performance.now() }; };

    it('an effect under way is reported back and told to stop; done all the same, it is a duplicate next time', async () => {
      const work = deferred<string>();
      let aborted = false;
      const slow = step({ run: ({ event: { id } }, { signal }) => { ran.push(id); signal.addEventListener('abort', () => { aborted = true; }); return work.promise; }, concurrency: 1 });
      const { outcomes, failures, out } = await run([at('a'), at('b')], [slow], context());
      expect(out.map(({ event: { id }, outcome }) => [id, outcome?.kind])).toEqual([['a', 'retry'], ['b', 'retry']]);
      expect(outcomes).toEqual(['retry: deadline', 'retry: deadline']);
      expect([failures, aborted]).toEqual([[identifierOf(0)], true]);
      work.resolve('sent');
      await world.clock.advance(0);
      expect((await run([at('a'), at('b')], [step()])).outcomes).toEqual(['duplicate', 'published']);
      expect(ran).toEqual(['a', 'b']);
    });

    it('an effect that stops gives its claim back', async () => {
      const stopping = step({ run: (_uow, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))) });
      expect((await run([at('a')], [stopping], context())).outcomes).toEqual(['retry: deadline']);
      await world.clock.advance(0);
      expect((await run([at('a')], [step()])).outcomes).toEqual(['published']);
    });

    it('a table that hangs is not waited for', async () => {
      claims = world.node({}, () => 1e9);
      expect((await run([at('a')], [step()], context())).outcomes).toEqual(['retry: deadline']);
      expect(ran).toEqual([]);
    });
  });

  describe('keys', () => {
    const split2 = split<Uow, { id: string }>({ splitOn: () => [{ id: '1' }, { id: '2' }] }) as unknown as Step;

    it('parts of an event need keys of their own', async () => {
      const { outcomes, faults } = await run([at('a')], [split2, step()]);
      expect(outcomes).toEqual(['fault']);
      expect(faults[0]?.err).toMatchObject({ code: 'CLAIM_KEY', message: expect.stringContaining('two parts of one event') });
      ran = [];
      const apart = step({ key: (uow) => `${uow.event.id}/${(uow as unknown as { split: { id: string } }).split.id}` });
      expect((await run([at('b')], [split2, apart])).outcomes).toEqual(['published']);
      expect(ran).toEqual(['b', 'b']);
    });

    it('steps of one pipeline need names of their own', async () => {
      const { outcomes, faults } = await run([at('a')], [step(), step()]);
      expect(outcomes).toEqual(['fault']);
      expect(faults[0]?.err).toMatchObject({ code: 'CLAIM_KEY', message: expect.stringContaining('two steps') });
      expect((await run([at('b')], [step({ name: 'mail' }), step({ name: 'webhook' })])).outcomes).toEqual(['published']);
      expect(ran).toEqual(['a', 'b', 'b']);
    });

    it('an event of many ids is one by its key', async () => {
      expect((await run([at('a', 'k'), at('b', 'k')], [step({ key: ({ event: { partitionKey } }) => String(partitionKey) })])).outcomes).toEqual(['published', 'duplicate']);
    });

    it.each([[() => ''], [() => undefined as never], [() => { throw new Error('none'); }], [() => 'x'.repeat(3_000)]])('a key that is none is a fault (%#)', async (key) => {
      expect((await run([at('a')], [step({ key })])).outcomes).toEqual(['fault']);
      expect(ran).toEqual([]);
    });
  });

  it('passes what an earlier sink has set aside or reported back, and runs the rest', async () => {
    const earlier: Step = (stream) => stream.map((uow): Uow & WithEffect<unknown> => ({ ...uow, outcome: ({ a: { kind: 'fault', error: 1 }, b: { kind: 'retry', reason: 'held' }, c: { kind: 'stale' } } as const)[uow.event.id as 'a' | 'b' | 'c'] }));
    const { out } = await run([at('a'), at('b'), at('c')], [earlier, step()]);
    expect(out.map(({ outcome }) => outcome?.kind)).toEqual(['fault', 'retry', 'published']);
    expect(ran).toEqual(['c']);
  });

  it('on a stream that no source made, errors go down the stream', async () => {
    await claims.claim('b', { ttlMs: 60_000 });
    const plain = ['a', 'b', 'c'].map((id) => ({ event: event(id) }));
    const [errors, values]: [string[], unknown[]] = [[], []];
    const loose = claimed<{ event: Event }, void>({ claims, run: ({ event: { id } }) => { ran.push(id); if (id === 'c') throw new Error('bad'); } });
    await new Promise<void>((resolve) => {
      _(plain).through(loose).errors((error) => errors.push(error.message)).each((uow) => values.push(uow.outcome?.kind)).done(resolve);
    });
    expect([values, errors.sort()]).toEqual([['published'], [expect.stringContaining('try again in'), 'bad']]);
  });

  it('its types grow, and those of the step before it stay', async () => {
    const mailed = claimed({ claims, run: ({ event: { id } }: Uow) => ({ messageId: id.length }) });
    const ids: (number | undefined)[] = [];
    await fromKinesis(toKinesisRecords([event('abc')]), { logger: silent })
      .map((uow) => ({ ...uow, extra: 1 }))
      .through(mailed)
      .tap(({ effect, extra, outcome }) => { if (outcome) ids.push(effect && effect.messageId + extra); })
      .through(toPromise);
    expect(ids).toEqual([4]);
  });

  describe('in a handler', () => {
    interface Count { readonly name: string; readonly pipeline: string | undefined }

    const handle = (steps: Readonly<Record<string, (stream: Highland.Stream<Uow>) => Highland.Stream<Uow>>>) => {
      const counts: Count[] = [];
      const settled: Settled[] = [];
      const metrics: Metrics = { add: (name, unit, value, dimensions) => { if (unit === 'Count') counts.push(...Array.from({ length: value }, () => ({ name, pipeline: dimensions?.['pipeline'] }))); }, flush: async () => {} };
      const rules = Object.entries(steps).map(([id, through]) => ({ id, flavor: () => pipeline('thing-updated', (stream) => stream.through(through)) }));
      const handler = createHandler({ source: fromKinesis, pipelines: initializeFrom(rules), logger: silent, metrics, publishFault: async () => {}, onSettled: (one) => { settled.push(one); } });
      return { handler, counts, settled };
    };

    it('each pipeline has its own effect of an event, and the books are right', async () => {
      const { handler, counts, settled } = handle({ mail: step(), webhook: step() });
      const batch = toKinesisRecords([event('a'), event('b'), event('a')]);
      expect(await handler(batch)).toEqual({ batchItemFailures: [] });
      expect(ran.sort()).toEqual(['a', 'a', 'b', 'b']);
      expect(settled.map(({ outcome, parts }) => [outcome.kind, parts.map((part) => `${part.pipeline} ${part.outcome.kind}`)])).toEqual([
        ['published', ['mail published', 'webhook published']], ['published', ['mail published', 'webhook published']], ['duplicate', ['mail duplicate', 'webhook duplicate']],
      ]);
      const tally = (pipelineId: string) => counts.filter((count) => count.pipeline === pipelineId).map(({ name }) => name).sort();
      expect([tally('mail'), tally('webhook')]).toEqual(Array.from({ length: 2 }, () => ['oplock.duplicate', 'oplock.published', 'oplock.published']));
      expect((await world.rows()).map(({ key }) => key).sort()).toEqual(['claim#mail/a', 'claim#mail/b', 'claim#webhook/a', 'claim#webhook/b']);
    });

    it('one step in two pipelines is two effects', async () => {
      const shared = step();
      await handle({ mail: shared, webhook: shared }).handler(toKinesisRecords([event('a')]));
      expect(ran).toEqual(['a', 'a']);
    });

    it('a batch whose middle is held comes again from there, and ends well', async () => {
      const other = await claims.claim('mail/b', { ttlMs: 60_000 });
      const { handler } = handle({ mail: step() });
      const batch = toKinesisRecords([event('a'), event('b'), event('c')]);
      expect(await handler(batch)).toEqual({ batchItemFailures: [{ itemIdentifier: batch.Records[1]?.kinesis.sequenceNumber }] });
      if (other.kind === 'claimed') await other.abandon();
      expect(await handler({ Records: batch.Records.slice(1) })).toEqual({ batchItemFailures: [] });
      expect(ran.sort()).toEqual(['a', 'b', 'c']);
    });

    it('does not hold up a pipeline that writes', async () => {
      const work = deferred();
      const written: string[] = [];
      const { handler } = handle({
        mail: step({ run: () => work.promise }),
        view: (stream) => stream.tap(({ event: { id } }) => { written.push(id); if (written.length === 2) work.resolve(); }),
      });
      await handler(toKinesisRecords([event('a', { partitionKey: 'k' }), event('b', { partitionKey: 'k' })]));
      expect(written).toEqual(['a', 'b']);
    });

  });

  it.each<readonly [object]>([
    [{ claims: {} }], [{ run: 1 }], [{ key: 'id' }], [{ name: '' }], [{ ttlMs: 0 }], [{ keepForMs: -1 }], [{ onError: 'x' }], [{ concurrency: 0 }], [{ keepResult: 1 }], [{ ttl: 1 }],
  ])('refuses %j at once', (options) => {
    expect(() => step(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});
