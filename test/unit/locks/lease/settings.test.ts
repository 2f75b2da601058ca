import { hostname } from 'node:os';
import { memoryEngine } from '../../../../src/replay/engines/memory';
import { createLockClient } from '../../../../src/locks';
import { settingsOf } from '../../../../src/locks/lease/settings';
import { wantedOf, nameOf } from '../../../../src/locks/lease/wanted';

const { client } = memoryEngine();
const settings = (options: object = {}) => settingsOf({ client, tableName: 'locks', ...options });
const invalid = (option: string) => expect.objectContaining({ code: 'INVALID_OPTION', details: expect.objectContaining({ option }) as object }) as Error;

describe('options of a client', () => {
  test.each<[string, object]>([
    ['client', { client: undefined }], ['client', { client: {} }],
    ['tableName', { tableName: '' }], ['tableName', { tableName: undefined }],
    ['partitionKeyName', { partitionKeyName: '' }], ['partitionKeyName', { partitionKeyName: 7 }],
    ['sortKeyName', { sortKeyName: '' }],
    ['ownerName', { ownerName: '' }], ['ownerName', { ownerName: 7 }],
    ['leaseMs', { leaseMs: 0 }], ['leaseMs', { leaseMs: 0.5 }], ['leaseMs', { leaseMs: '20000' }], ['leaseMs', { leaseMs: NaN }], ['leaseMs', { leaseMs: 1e12 }],
    ['heartbeatMs', { heartbeatMs: 0 }], ['heartbeatMs', { heartbeatMs: true }], ['heartbeatMs', { leaseMs: 1_000, heartbeatMs: 501 }],
    ['requestTimeoutMs', { requestTimeoutMs: 0 }], ['requestTimeoutMs', { requestTimeoutMs: Infinity }],
    ['safetyMarginMs', { safetyMarginMs: -1 }], ['safetyMarginMs', { safetyMarginMs: 20_000 }], ['safetyMarginMs', { safetyMarginMs: 15_001 }],
    ['maxObservations', { maxObservations: 0 }], ['maxConcurrentHeartbeats', { maxConcurrentHeartbeats: 0 }],
    ['trustClocks.maxSkewMs', { trustClocks: {} }], ['trustClocks.maxSkewMs', { trustClocks: { maxSkewMs: -1 } }],
    ['ttl.attributeName', { ttl: { afterDays: 1, attributeName: '' } }], ['ttl.afterDays', { ttl: { afterDays: 0 } }], ['ttl.afterDays', { ttl: { afterDays: 1.5 } }],
    ['partitionKeyName, sortKeyName, ttl.attributeName', { partitionKeyName: 'ownerName' }],
    ['partitionKeyName, sortKeyName, ttl.attributeName', { sortKeyName: 'key' }],
    ['partitionKeyName, sortKeyName, ttl.attributeName', { ttl: { afterDays: 1, attributeName: 'data' } }],
  ])('%s: %p', (option, given) => {
    expect(() => settings(given)).toThrow(invalid(option));
  });

  test('what they leave out, as Java has it', () => {
    expect(settings()).toMatchObject({ leaseMs: 20_000, heartbeatMs: 5_000, maxObservations: 10_000, holdOnServiceUnavailable: false, schema: { partitionKeyName: 'key', sortKeyName: undefined } });
    expect(settings({ newId: () => 'an-id' }).ownerName).toBe(`${hostname()}-an-id`);
    expect(settings({ leaseMs: 1_000 }).heartbeatMs).toBe(250);
    expect(settings({ leaseMs: 2 }).heartbeatMs).toBe(1);
    expect([settings().safetyMargin(20_000), settings().safetyMargin(3_000), settings({ safetyMarginMs: 0 }).safetyMargin(3_000)]).toEqual([1_000, 300, 0]);
    expect(settings({ safetyMarginMs: 9_000 }).safetyMargin(1_000)).toBe(500);
  });
});

describe('options of an acquisition', () => {
  const wanted = (given: object, options: object = {}) => wantedOf(settings(options), { key: 'a' }, given);

  test.each<[string, object, object?]>([
    ['leaseMs', { leaseMs: 0 }], ['leaseMs', { leaseMs: '1' }],
    ['attributes', { attributes: { ownerName: 'x' } }],
    ['existingRow', { existingRow: 'replace' }, { exclusive: true }], ['onRelease', { onRelease: 'delete' }, { exclusive: true }],
    ['sessionMonitor.safeTimeMs', { sessionMonitor: { safeTimeMs: 5_000 } }], ['sessionMonitor.safeTimeMs', { sessionMonitor: { safeTimeMs: 20_000 } }],
    ['sessionMonitor.safeTimeMs', { sessionMonitor: { safeTimeMs: 0 } }, { heartbeatMs: false }], ['sessionMonitor.safeTimeMs', { leaseMs: 6_000, sessionMonitor: { safeTimeMs: 6_000 } }],
    ['waitMs', { waitMs: -1 }], ['waitMs', { waitMs: NaN }], ['waitMs', { waitMs: '5' }], ['refreshMs', { refreshMs: -1 }], ['maxHoldMs', { maxHoldMs: NaN }],
  ])('%s: %p %p', (option, given, options = {}) => {
    expect(() => wanted(given, options)).toThrow(invalid(option));
  });

  test('what they leave out', () => {
    expect(wanted({})).toMatchObject({ leaseMs: 20_000, refreshMs: 1_000, mustExist: false, consistentReleased: true, keepData: false, mode: 'replace', data: undefined });
    expect(wanted({}, { exclusive: true }).mode).toBe('update');
    expect(wanted({ data: 'ä', replaceData: false })).toMatchObject({ data: new Uint8Array([0xc3, 0xa4]), keepData: true });
  });

  test('names', () => {
    const [hash, range] = [settings(), settings({ sortKeyName: 'sort' })];
    expect(nameOf(hash, 'a', undefined)).toEqual({ key: 'a' });
    expect(nameOf(range, 'a', 'b')).toEqual({ key: 'a', sortKey: 'b' });
    expect(() => nameOf(hash, '', undefined)).toThrow(invalid('key'));
    expect(() => nameOf(hash, 'a', 'b')).toThrow(invalid('sortKey'));
    expect(() => nameOf(range, 'a', undefined)).toThrow(invalid('sortKey'));
    expect(() => nameOf(range, 'a', '')).toThrow(invalid('sortKey'));
  });
});

test('an error names what the caller has written', async () => {
  const locks = createLockClient({ client, tableName: 'locks', logger: { debug: () => {}, warn: () => {}, error: () => {} } });
  const said = (wrong: () => unknown) => expect(Promise.resolve().then(wrong)).rejects;
  await said(() => locks.acquire('')).toThrow('the key of a lock: found an empty string');
  await said(() => locks.acquire('a', { sortKey: 'b' })).toThrow('the sortKey of a lock: found the string "b", expected none');
  await said(() => locks.acquire('a', { waitMs: -1 })).toThrow('acquire({ waitMs }): found the number -1');
  await said(() => locks.acquire('a', { leaseMs: 0 })).toThrow('acquire({ leaseMs }): found the number 0');
  await said(() => locks.acquireAll([])).toThrow('acquireAll(keys): found an array');
  await said(() => locks.permits('a', 0)).toThrow('permits(name, size): found the number 0');
  await said(() => createLockClient({ client, tableName: '' })).toThrow('createLockClient({ tableName }): found an empty string');
});
