import { createReplay, type Replay } from '../../../support/locks/golden/replay';
import { labelsOf } from '../../../support/locks/golden/labels';
import { traceOf, plainRow } from '../../../support/locks/golden/traces';
import { withoutOurs } from '../../../support/locks/golden/compare';
import { LockRowError } from '../../../../src/locks/errors';

const HASH = { partitionKeyName: 'key' };
const keyOf = (label: string): string => (traceOf(label)[0]?.req.Key as { key: { S: string } }).key.S;

describe('rows that others wrote', () => {
  let replay: Replay;
  beforeEach(async () => { replay = await createReplay('locks', HASH); });

  const acquire = (label: string, options = {}, how = {}) => replay.play(label, () =>
    replay.client('ownerA').acquire(keyOf(label), { consistentReleased: false, refreshMs: 50, ...options }), how);

  test.each(['foreign.held.ok', 'foreign.isReleased.S1'])('%s: acquired as Java does', async (label) => {
    const lock = await acquire(label);
    expect(lock.isHeld()).toBe(true);
    const result = replay.results.get(label);
    expect([result?.unsent, result?.unexpected]).toEqual([[], []]);
    expect(withoutOurs(result?.writes[0]?.oursAfter)).toEqual(result?.writes[0]?.javaAfter);
    expect(lock.tookOver).toBe(label === 'foreign.held.ok');
  });

  const bad = labelsOf('foreign').filter((label) => !['foreign.held.ok', 'foreign.isReleased.S1', 'foreign.getAll.withNonLockItem'].includes(label));
  test.each(bad)('%s: a typed error, one read, no write', async (label) => {
    await expect(acquire(label)).rejects.toThrow(LockRowError);
    const result = replay.results.get(label);
    expect(result?.ours).toEqual([`GetItem {"key":"${keyOf(label)}"}`]);
    expect(result?.reads).toBe(1);
    // What is wrong is what the name of the label says.
    const error = await acquire(label).catch((failure: unknown) => failure as LockRowError);
    const [, attribute] = label.split('.') as [string, string, string];
    expect((error as LockRowError).message).toContain({ isReleased: 'isReleased', lease: 'leaseDuration', data: 'data', owner: 'ownerName', rvn: 'recordVersionNumber' }[attribute]);
  });

  test('foreign.getAll.withNonLockItem: all locks are listed, all other rows are told', async () => {
    const label = 'foreign.getAll.withNonLockItem';
    const scanned = (traceOf(label)[0]?.res.Items as Record<string, unknown>[]).map((row) => plainRow(row) ?? {});
    const bad: unknown[] = [];
    const listed: string[] = [];
    await replay.play(label, async () => {
      for await (const { key } of replay.client('ownerA').list({ includeReleased: true, onBadRow: (error, row) => bad.push([(error as LockRowError).code, row.key]) })) listed.push(key);
    });
    const isLock = (row: Readonly<Record<string, unknown>>): boolean => [row.ownerName, row.recordVersionNumber, row.leaseDuration].every((value) => typeof value === 'string')
      && /^\d+$/.test(row.leaseDuration as string) && (row.isReleased === undefined || row.isReleased === '1') && typeof row.data !== 'string';
    expect(listed).toEqual(scanned.filter(isLock).map(({ key }) => key));
    expect(bad).toEqual(scanned.filter((row) => !isLock(row)).map(({ key }) => ['LOCK_ROW_INVALID', key]));
    expect([listed.length > 0, bad.length >= 11]).toEqual([true, true]);
  });

  test('attrs.defaultPut: attributes of others are gone, as with Java, and a fencing token is counted on, other than with Java', async () => {
    const lock = await acquire('attrs.defaultPut', {}, { updatesForPut: true });
    const [write] = replay.results.get('attrs.defaultPut')?.writes ?? [];
    expect(write?.before).toMatchObject({ fencingToken: 41, ttl: 9 });
    expect(withoutOurs(write?.oursAfter)).toEqual({ ...write?.javaAfter, fencingToken: 42 });
    expect(write?.oursAfter).not.toHaveProperty('ttl');
    expect(lock.fencingToken).toBe(42);
  });

  test('attrs.updateExisting: attributes of others stay, as with Java, and a fencing token is counted on, other than with Java', async () => {
    const lock = await acquire('attrs.updateExisting', { existingRow: 'update' });
    const [write] = replay.results.get('attrs.updateExisting')?.writes ?? [];
    expect(write?.javaAfter).toMatchObject({ fencingToken: 41, ttl: 9 });
    expect(withoutOurs(write?.oursAfter)).toEqual({ ...write?.javaAfter, fencingToken: 42 });
    expect([lock.fencingToken, lock.attributes]).toEqual([42, expect.objectContaining({ ttl: 9 })]);
  });
});
