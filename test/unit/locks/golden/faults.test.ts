import { createReplay, type Replay } from '../../../support/locks/golden/replay';
import { traceOf } from '../../../support/locks/golden/traces';

const keyOf = (label: string): string => (traceOf(label)[0]?.req.Key as { key: { S: string } }).key.S;

describe('faults that were injected into the real client: what ours makes of the same answers', () => {
  let replay: Replay;
  beforeEach(async () => { replay = await createReplay('locks', { partitionKeyName: 'key' }); });
  const result = (label: string) => {
    const played = replay.results.get(label);
    if (!played) throw new Error(`${label} was not played`);
    return played;
  };
  const names = (label: string): string[] => result(label).ours.map((request) => request.replace(/ .*/, ''));

  test('fault.acquire.dropResponse.noSdkRetry: one more read, and the lock is ours; Java waited for a lease and took it from itself', async () => {
    const label = 'fault.acquire.dropResponse.noSdkRetry';
    const lock = await replay.play(label, () => replay.client('ownerA').acquire(keyOf(label)));
    expect([lock.isHeld(), lock.tookOver]).toEqual([true, false]);
    expect(names(label)).toEqual(['GetItem', 'PutItem', 'GetItem']);
    expect(result(label).reads).toBe(2);
    expect(result(label).unsent).toEqual(['PutItem {"key":"flt1"}']);
  });

  test('fault.acquire.dropResponse.sdkRetry: the refusal tells that the row is ours, and no other request is needed', async () => {
    const label = 'fault.acquire.dropResponse.sdkRetry';
    const lock = await replay.play(label, () => replay.client('ownerR').acquire(keyOf(label)), { sdkRetry: true });
    expect([lock.isHeld(), lock.tookOver]).toEqual([true, false]);
    expect(names(label)).toEqual(['GetItem', 'PutItem']);
    expect(result(label).unsent).toHaveLength(2);
  });

  test('fault.heartbeat.dropResponse.noSdkRetry: the refused second renewal finds the first one, and the lock is renewed', async () => {
    const label = 'fault.heartbeat.dropResponse.noSdkRetry';
    const lock = await replay.play(label, async () => {
      const held = await replay.client('ownerA').acquire(keyOf(label));
      await held.heartbeat();
      return held;
    }, { beyond: true });
    expect([lock.isHeld(), lock.lost]).toEqual([true, undefined]);
    expect(names(label)).toEqual(['GetItem', 'PutItem', 'UpdateItem', 'UpdateItem']);
    const [, first, second] = result(label).writes;
    expect([first?.refused.recorded, second?.refused.recorded]).toEqual([false, true]);
    expect(result(label).beyond).toEqual(['UpdateItem']);
  });

  test('fault.heartbeat.dropResponse.sdkRetry: the refusal tells that the renewal has been made', async () => {
    const label = 'fault.heartbeat.dropResponse.sdkRetry';
    const lock = await replay.play(label, async () => {
      const held = await replay.client('ownerR').acquire(keyOf(label));
      replay.clock.block(400);
      await held.heartbeat();
      return held;
    }, { sdkRetry: true });
    expect([lock.isHeld(), lock.lost]).toEqual([true, undefined]);
    expect(lock.remainingMs()).toBeGreaterThan(400);
    expect([result(label).unsent, result(label).unexpected]).toEqual([[], []]);
  });

  test('fault.release.dropResponse.sdkRetry: released; Java said that it was not', async () => {
    const label = 'fault.release.dropResponse.sdkRetry';
    const outcome = await replay.play(label, async () => (await replay.client('ownerR').acquire(keyOf(label))).release(), { sdkRetry: true });
    expect(outcome).toBe('released');
    expect(result(label).confirmations).toBe(1);
  });

  test('fault.heartbeat.503.hold=true: held on for another lease, because the caller wants it so', async () => {
    const label = 'fault.heartbeat.503.hold=true';
    const lock = await replay.play(label, async () => {
      const held = await replay.client('ownerH', { holdOnServiceUnavailable: true }).acquire(keyOf(label));
      replay.clock.block(500);
      await held.heartbeat();
      return held;
    });
    expect(lock.remainingMs()).toBeGreaterThan(500);
    expect(names(label)).toEqual(['GetItem', 'PutItem', 'UpdateItem']);
  });

  test('fault.heartbeat.503.hold=false: renewed while the lease lasts; from Java the error escapes', async () => {
    const label = 'fault.heartbeat.503.hold=false';
    const lock = await replay.play(label, async () => {
      const held = await replay.client('ownerA').acquire(keyOf(label));
      replay.clock.block(300);
      await held.heartbeat();
      return held;
    }, { beyond: true });
    expect(names(label)).toEqual(['GetItem', 'PutItem', 'UpdateItem']);
    expect(result(label).beyond).toEqual(['UpdateItem']);
    expect(lock.remainingMs()).toBeGreaterThan(300);
  });

  test('fault.acquire.500: looked at and tried again; from Java the error escapes', async () => {
    const label = 'fault.acquire.500';
    const lock = await replay.play(label, () => replay.client('ownerA').acquire(keyOf(label)), { beyond: true });
    expect(names(label)).toEqual(['GetItem', 'PutItem']);
    expect(result(label).beyond).toEqual(['GetItem', 'PutItem']);
    expect(lock.isHeld()).toBe(true);
  });
});
