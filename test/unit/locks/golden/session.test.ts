import { conditionOf } from '../../../support/locks/condition';
import { purposeOf, rowsFor, withoutOurs } from '../../../support/locks/golden/compare';
import { LABELS, labelsOf } from '../../../support/locks/golden/labels';
import type { Beside, Replayed } from '../../../support/locks/golden/replay';
import { playSession, type Session } from '../../../support/locks/golden/session';
import { effects, plainRequest, traceOf } from '../../../support/locks/golden/traces';
import { typeOf } from '../../../../src/oplock/value/type';

/** The row was there, and its refusal did not tell it: ours looks whether it is gone. */
const CONFIRMED = ['getLock.sameOwnerName.thenRelease'];

describe.each(['hash', 'range'] as const)('the recorded session of a %s table', (kind) => {
  let session: Session;
  beforeAll(async () => { session = await playSession(kind); });

  const replayed = (label: string): Replayed => {
    const result = session.replay.results.get(label);
    if (!result) throw new Error(`${label} was not played`);
    return result;
  };
  const keyOf = ({ ours }: Beside) => Object.fromEntries(Object.entries(ours.Key ?? ours.Item ?? {}).filter(([name]) => name === 'key' || name === 'rangeKey'));

  test.each(labelsOf('session', `${kind}.`))('%s', (label) => {
    const { writes, looks, ours, reads, unsent, unexpected, confirmations } = replayed(label);
    const recorded = traceOf(label);

    // The same requests in the same order; what is not sent, is not sent on purpose.
    expect(unexpected).toEqual([]);
    expect(unsent).toHaveLength(LABELS[label]?.instead === undefined ? 0 : 1);
    expect(ours.length + unsent.length).toBe(recorded.length);
    expect(confirmations).toBe(CONFIRMED.includes(label.slice(kind.length + 1)) ? 1 : 0);

    // One read for each refresh of a lease of 600 ms, one at its end; without a wait, exactly the recorded ones.
    const polled = recorded.filter(({ op, repeat }) => op === 'GetItem' && repeat !== undefined).length;
    const once = recorded.filter(({ op, repeat }) => op === 'GetItem' && repeat === undefined).length;
    expect(reads).toBeGreaterThanOrEqual(once + 2 * polled);
    expect(reads).toBeLessThanOrEqual(once + 14 * polled);

    for (const look of looks) {
      const { ExclusiveStartKey: _, ...asked } = look.ours;
      if (look.ours.op !== 'Query') expect(asked).toEqual(look.recorded);
      else expect([asked.KeyConditionExpression, asked.ExpressionAttributeNames, asked.ExpressionAttributeValues]).toEqual(['#pk = :pk', { '#pk': 'key' }, { ':pk': 'k2' }]);
    }

    for (const write of writes) {
      const purpose = purposeOf(write.recorded);
      expect(write.ours.TableName).toBe(write.recorded.TableName);
      expect(write.ours.Key).toEqual(write.recorded.Key);
      expect(write.ours.ReturnValuesOnConditionCheckFailure).toBe('ALL_OLD');

      // The memory table decides as DynamoDB did, and ours is decided as Java's was.
      expect(write.refused).toEqual({ recorded: write.refused.recorded, java: write.refused.recorded, ours: write.refused.recorded });

      const [theirs, mine] = [effects(write.recorded), effects(write.ours)];
      const { acquisitionId, ...sets } = mine.sets;
      expect(typeof acquisitionId).toBe(purpose === 'acquire' ? 'string' : 'undefined');
      const expected: Record<string, unknown> = { ...theirs.sets };
      if (purpose === 'keep') {
        // Java leaves the version; a new one keeps a contender that has watched it from taking the row as expired.
        expect(sets.recordVersionNumber).not.toBe(write.before?.recordVersionNumber);
        expected.recordVersionNumber = sets.recordVersionNumber;
      }
      // Data that stays is not written again.
      if (write.ours.op === 'UpdateItem' && 'data' in expected && !('data' in sets)) {
        expect(expected.data).toEqual(write.before?.data);
        delete expected.data;
      }
      expect(sets).toEqual(expected);
      const types = (row: Readonly<Record<string, unknown>>) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeOf(value)]));
      expect(types(sets)).toEqual(types(expected));
      if (purpose === 'acquire') expect(types(sets)).toMatchObject({ ownerName: 'S', leaseDuration: 'S', recordVersionNumber: 'S' });
      // An update of ours removes the mark of a release always, Java's only where it has seen one.
      const mark = purpose === 'acquire' && write.ours.op === 'UpdateItem' ? ['isReleased'] : theirs.removes;
      expect(mine.removes).toEqual(mark);
      expect(mark).toEqual(expect.arrayContaining([...theirs.removes]));

      // What is in the table afterwards.
      const after = withoutOurs(write.oursAfter);
      expect(after).toEqual(purpose === 'keep' && write.javaAfter ? { ...write.javaAfter, recordVersionNumber: after?.recordVersionNumber } : write.javaAfter);

      // As strong as Java's, and stronger only in that a holder's write wants the row unreleased.
      const rows = rowsFor(write, keyOf(write));
      expect(rows.length).toBeGreaterThan(30);
      const strengthened = (row: (typeof rows)[number]): boolean => purpose === 'acquire' || row?.isReleased === undefined;
      const [our, java] = [conditionOf(write.ours), conditionOf(write.recorded)];
      expect(rows.filter((row) => our(row) !== (java(row) && strengthened(row)))).toEqual([]);
      expect(rows.some(our)).toBe(true);
    }
  });

  test('contenders wait as long as the row says, and not much longer', () => {
    for (const step of ['expired.put waited', 'expired.update waited']) {
      expect(session.seen.get(step)).toBeGreaterThan(600);
      expect(session.seen.get(step)).toBeLessThan(700);
    }
  });

  test('outcomes', () => {
    const { seen } = session;
    expect(seen.get('acquire.busy.heartbeated')).toMatchObject({ code: 'LOCK_TIMEOUT', holder: { ownerName: 'ownerA', leaseMs: 600 } });
    expect(seen.get('release.mark.data')).toBe('released');
    expect(seen.get('acquire.skipWait.held')).toMatchObject({ acquired: false, holder: { ownerName: 'ownerA', leaseMs: 600 } });
    expect(seen.get('acquire.onlyIfExists.missing')).toMatchObject({ code: 'LOCK_TIMEOUT', holder: undefined });
    expect(seen.get('release.stolen')).toBe('lost');
    expect(seen.get('heartbeat.afterReleaseMark')).toMatchObject(['released', { code: 'LOCK_MISUSE' }]);
    expect(seen.get('getAll')).toMatchObject([{ key: 'k2', ownerName: 'ownerB', leaseMs: 600, released: false, ...(kind === 'range' ? { sortKey: 's1' } : {}) }]);
    expect(seen.get('getByPk')).toEqual(seen.get('getAll'));
    expect(seen.get('getLock.other')).toEqual((seen.get('getAll') as unknown[])[0]);
    // The lock of a namesake is only looked at: nothing of what Java has there to delete it.
    const { view, outcomes } = seen.get('getLock.sameOwnerName.thenRelease') as { view: object; outcomes: unknown[] };
    expect(Object.values(view).some((value) => typeof value === 'function')).toBe(false);
    expect([...outcomes].sort()).toEqual(['lost', 'released']);
  });

  test('the data of a row comes back byte by byte', () => {
    const { Item } = plainRequest({ ...traceOf(`${kind}.acquire.released.put`)[1] as { op: 'PutItem'; req: { TableName: string } } });
    expect(Item?.data).toEqual(new TextEncoder().encode('rel'));
    expect((session.seen.get('acquire.released.put') as { data: unknown }).data).toEqual(Item?.data);
  });
});
