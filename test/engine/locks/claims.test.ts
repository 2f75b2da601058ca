import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { KinesisStreamEvent } from 'aws-lambda';
import { createHandler, fromKinesis, initializeFrom, pipeline, type Settled } from '../../../src';
import { fromAttributeMap } from '../../../src/attribute-value';
import { systemClock } from '../../../src/locks/clock';
import { claimed, createClaims, type Claim, type ClaimResult, type ClaimsOptions } from '../../../src/locks';
import { describeEmbedded, describeLocal, freshTable } from '../../support/engines';
import type { Engine } from '../../../src/replay/engines/engine';
import { deferred, silent } from '../../support/uows';

const granted = (result: ClaimResult): Claim => {
  if (result.kind !== 'claimed') throw new Error(`Not claimed: ${result.kind}`);
  return result;
};

const TTL = { ttlMs: 60_000 };
/** Of a node for which a claim of that long is over. */
const later = { ...systemClock, wall: () => Date.now() + TTL.ttlMs + 1_000 };

/** A recorded batch of 100 events, as Lambda delivers it. */
const recorded = (): KinesisStreamEvent => {
  const [first = ''] = gunzipSync(readFileSync(resolve('fixtures/browser-compat/events.jsonl.gz'))).toString().split('\n');
  return JSON.parse(first) as KinesisStreamEvent;
};

const tests = (engine: () => Engine, withHandler = false): void => {
  let tableName: string;
  let nodes = 0;
  const node = (options: Partial<ClaimsOptions> = {}) =>
    createClaims({ client: engine().client, tableName, ownerName: `node-${nodes += 1}`, clockSkewMs: 0, onError: 'throw', requestTimeoutMs: 10_000, logger: silent, ...options });
  const rows = async () => (await engine().scan(tableName)).map((row) => fromAttributeMap(row));

  beforeAll(async () => { tableName = await freshTable(engine(), { partitionKey: 'key', sortKey: null }); });

  it('5.4 #27 of concurrent claimants one is granted, the others know whose it is', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => node().claim('crowd', TTL)));
    const [winner, ...more] = all.filter(({ kind }) => kind === 'claimed');
    expect([winner?.kind, more]).toEqual(['claimed', []]);
    const owner = (await rows()).find(({ key }) => key === 'claim#crowd')?.['ownerName'];
    expect(all.flatMap((one) => (one.kind === 'held' ? one.ownerName : []))).toEqual(Array.from({ length: 7 }, () => owner));
  });

  it('5.4 #27 a claimant that is overdue and then done is superseded, and its successor is intact', async () => {
    const late = granted(await node().claim('overdue', TTL));
    const successor = granted(await node({ clock: later }).claim('overdue', TTL));
    expect(successor.attempts).toBe(2);
    expect(await late.done({ of: 'late' })).toBe('superseded');
    expect(await late.extend(1)).toBe('superseded');
    expect(await successor.done({ of: 'successor' })).toBe('done');
    expect(await node().claim('overdue', TTL)).toMatchObject({ kind: 'done', result: { of: 'successor' } });
  });

  it('5.4 #27 abandoning after it was taken over leaves the successor intact; abandoning in time frees it', async () => {
    const late = granted(await node().claim('abandoned', TTL));
    const successor = granted(await node({ clock: later }).claim('abandoned', TTL));
    expect(await late.abandon()).toBe('superseded');
    expect((await node().claim('abandoned', TTL)).kind).toBe('held');
    expect(await successor.abandon()).toBe('abandoned');
    expect(granted(await node().claim('abandoned', TTL)).attempts).toBe(3);
  });

  it('the largest result comes back', async () => {
    const result = { text: 'x'.repeat(349_900) };
    await node().once('large', TTL, () => result);
    expect(await node().claim('large', TTL)).toMatchObject({ kind: 'done', result });
  });

  if (withHandler) describe('a recorded batch, in a handler', () => {
    const batch = recorded();
    const listener = (name: string, sent: string[], gate?: { readonly started: () => void; readonly open: Promise<void> }) => {
      const settled: Settled[] = [];
      const send = claimed({ claims: node(), name, concurrency: 32, run: async ({ event: { id } }) => { sent.push(id); gate?.started(); await gate?.open; } });
      const handler = createHandler({
        source: fromKinesis, logger: silent, onSettled: (one) => { settled.push(one); },
        pipelines: initializeFrom([{ id: name, flavor: () => pipeline(undefined, (stream) => stream.through(send)) }]),
      });
      const tally = () => settled.reduce<Record<string, number>>((sum, { outcome: { kind } }) => ({ ...sum, [kind]: (sum[kind] ?? 0) + 1 }), {});
      return { handler, tally };
    };

    it('5.4 #27 delivered twice, one after the other, it has each effect once', async () => {
      const sent: string[] = [];
      const [first, second] = [listener('in turn', sent), listener('in turn', sent)];
      expect(await first.handler(batch)).toEqual({ batchItemFailures: [] });
      expect(await second.handler(batch)).toEqual({ batchItemFailures: [] });
      expect([first.tally(), second.tally()]).toEqual([{ published: 100 }, { duplicate: 100 }]);
      expect([sent.length, new Set(sent).size]).toEqual([100, 100]);
    });

    it('5.4 #27 delivered twice at once, it has each effect once, and what one of them is at is not counted as done by the other', async () => {
      const sent: string[] = [];
      const [started, open] = [deferred(), deferred()];
      const slow = listener('at once', sent, { started: started.resolve, open: open.promise });
      const first = slow.handler(batch);
      await started.promise;
      const other = listener('at once', sent);
      const { batchItemFailures } = await other.handler(batch);
      expect(batchItemFailures).toHaveLength(1);
      open.resolve();
      // Lambda goes on until nothing is reported; each of the two may be told that the other one is at it.
      let again = [...batchItemFailures, ...(await first).batchItemFailures];
      while (again.length > 0) again = (await listener('at once', sent).handler(batch)).batchItemFailures;
      const last = listener('at once', sent);
      await last.handler(batch);
      expect([sent.length, new Set(sent).size]).toEqual([100, 100]);
      for (const { tally } of [slow, other]) expect(Object.values(tally()).reduce((a, b) => a + b, 0)).toBe(100);
      expect(other.tally()).toMatchObject({ retry: expect.any(Number) });
      expect(last.tally()).toEqual({ duplicate: 100 });
    });
  });
};

describeEmbedded('claims', (engine) => tests(engine));
describeLocal('claims', (engine) => tests(engine, true));

describeLocal('claims in a table with a sort key', (engine) => {
  it('have their place in it', async () => {
    const tableName = await freshTable(engine(), { partitionKey: 'pk', sortKey: 'sk' });
    const claims = createClaims({ client: engine().client, tableName, partitionKeyName: 'pk', sortKeyName: 'sk', onError: 'throw', logger: silent });
    expect(await claims.once('mail', TTL, () => 1)).toMatchObject({ kind: 'ran', claim: 'done' });
    expect((await engine().scan(tableName)).map((row) => fromAttributeMap(row))).toEqual([expect.objectContaining({ pk: 'claim#mail', sk: '-', state: 'DONE' })]);
    expect(await claims.claim('mail', TTL)).toMatchObject({ kind: 'done', result: 1 });
  });
});
