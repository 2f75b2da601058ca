import { leaseLeft, stoodStill } from '../../../../src/locks/lease/lease-time';
import { decide, type Known, type Wish } from '../../../../src/locks/lease/decide';
import { judgeRenewal, whose } from '../../../../src/locks/lease/judge';
import { createObservations, isExpired, readToken, writeToken, type Observation } from '../../../../src/locks/lease/observations';
import { createPatience } from '../../../../src/locks/lease/patience';
import { judgeRelease, type Sent } from '../../../../src/locks/lease/release';
import { readRow, type LockRow } from '../../../../src/locks/lease/row';
import { fakeClock } from '../../../support/locks/fake-clock';
import { rowOf, serviceError } from '../../../support/locks/finish';

const clock = fakeClock();
const now = clock.monotonic();
const instant = (ago: number) => ({ monotonic: now - ago, wall: clock.wall() - ago });
const schema = { partitionKeyName: 'key' };
const lockRow = (more: Partial<LockRow> = {}): LockRow => ({
  ownerName: 'somebody', leaseMs: 10_000, rvn: 'r-1', released: false, data: undefined, acquisitionId: undefined, fencingToken: undefined, lastTouchedAt: undefined, attributes: {}, ...more,
});

describe('decide', () => {
  const wish: Wish = { ownerName: 'me', acquisitionId: 'mine', mustExist: false, consistentReleased: true };
  const known = (more: Partial<Known> = {}): Known => ({
    clock, attempts: new Map(), isOrphan: () => false, trustClocks: undefined, margin: () => 1_000,
    observe: ({ rvn, leaseMs }) => ({ rvn, leaseMs, since: now }), ...more,
  });
  const step = (row: Partial<LockRow> | undefined, more: { wish?: Partial<Wish>; known?: Partial<Known> } = {}) =>
    decide(row && { kind: 'lock', row: lockRow(row) }, { ...wish, ...more.wish }, known(more.known));

  test('no row: taken, unless it must exist', () => {
    expect(step(undefined)).toEqual({ kind: 'take', expected: { kind: 'absent' }, tookOver: false });
    expect(step(undefined, { wish: { mustExist: true } })).toEqual({ kind: 'missing' });
  });

  test('released: taken as it was read, or whatever became of it', () => {
    const data = new Uint8Array([1]);
    expect(step({ released: true, data })).toEqual({ kind: 'take', expected: { kind: 'released', rvn: 'r-1', data }, tookOver: false });
    expect(step({ released: true, data }, { wish: { consistentReleased: false } })).toEqual({ kind: 'take', expected: { kind: 'released', data }, tookOver: false });
    // Even a version of our own: the caller who gave up has given it back.
    expect(step({ released: true }, { known: { attempts: new Map([['r-1', instant(0)]]) } })).toMatchObject({ kind: 'take', expected: { kind: 'released' } });
  });

  test('held: watched, and taken when its own lease has passed, strictly', () => {
    const since = (ago: number) => ({ known: { observe: ({ rvn, leaseMs }: LockRow) => ({ rvn, leaseMs, since: now - ago }) } });
    expect(step({})).toMatchObject({ kind: 'wait', observation: { rvn: 'r-1', leaseMs: 10_000, since: now } });
    expect(step({}, since(10_000)).kind).toBe('wait');
    expect(step({}, since(10_001))).toEqual({ kind: 'take', expected: { kind: 'expired', rvn: 'r-1', data: undefined }, tookOver: true });
  });

  test('a version that we have sent: ours, while its lease lasts by the time before it was sent', () => {
    const sent = (ago: number) => ({ known: { attempts: new Map([['r-1', instant(ago)]]) } });
    expect(step({ ownerName: 'me' }, sent(8_999))).toMatchObject({ kind: 'adopt', from: instant(8_999) });
    // Nobody else believes in it, so it is written once more, without a wait; no dead holder was there.
    expect(step({ ownerName: 'me' }, sent(9_000))).toEqual({ kind: 'take', expected: { kind: 'expired', rvn: 'r-1', data: undefined }, tookOver: false });
  });

  test('an orphan of an earlier acquisition: taken at once; the acquisition of another process with this id: the same', () => {
    expect(step({}, { known: { isOrphan: (rvn) => rvn === 'r-1' } })).toMatchObject({ kind: 'take', expected: { kind: 'expired' }, tookOver: false });
    expect(step({ ownerName: 'me', acquisitionId: 'mine' }).kind).toBe('same');
    expect(step({ ownerName: 'another', acquisitionId: 'mine' }).kind).toBe('wait');
  });

  test('trusted clocks: a row that dates itself is taken when it is too old, one that does not is watched', () => {
    const trustClocks = { maxSkewMs: 500 };
    const at = (ago: number) => step({ lastTouchedAt: clock.wall() - ago }, { known: { trustClocks } });
    expect([at(10_500).kind, at(10_501).kind]).toEqual(['wait', 'take']);
    expect(step({}, { known: { trustClocks } }).kind).toBe('wait');
    expect(step({ lastTouchedAt: 0 }).kind).toBe('wait');
  });

  test('a fencing token is to be counted on, whoever takes the row', () => {
    expect(step({ fencingToken: 3, released: true, attributes: { a: 1 } })).toMatchObject({ kind: 'take', expected: { kind: 'released', numbered: true, others: ['a'] } });
    expect(step({ fencingToken: 3 }, { known: { isOrphan: () => true } })).toMatchObject({ kind: 'take', expected: { kind: 'expired', numbered: true } });
    expect(step({ released: true })).not.toMatchObject({ expected: { numbered: true } });
  });

  test('no lock: said so', () => {
    expect(decide({ kind: 'invalid', problem: 'p' }, wish, known())).toEqual({ kind: 'invalid', problem: 'p' });
  });
});

const identity = { schema, name: { key: 'a' }, ownerName: 'me', acquisitionId: 'mine' };
const time = { from: instant(0), leaseMs: 10_000 };
const mine = { identity, confirmed: 'c', pending: new Map([['p', time]]) };
const row = (more: object) => rowOf('a', { ownerName: 'me', recordVersionNumber: 'c', acquisitionId: 'mine', ...more });

describe('judge', () => {
  const judged = (item: Readonly<Record<string, unknown>> | undefined, rvn = 'n') =>
    judgeRenewal(item ? { kind: 'refused', item, attempts: 1 } : { kind: 'refused', attempts: 1 }, { ...mine, rvn, holdOnServiceUnavailable: false });

  test.each([
    ['gone', undefined, { kind: 'lost', reason: 'deleted' }],
    ['another owner', row({ ownerName: 'thief', recordVersionNumber: 'x' }), { kind: 'lost', reason: 'stolen', by: 'thief' }],
    ['our name, a version that is not ours: a namesake', row({ recordVersionNumber: 'x', acquisitionId: 'theirs' }), { kind: 'lost', reason: 'stolen', by: 'me' }],
    ['released, with our version', row({ isReleased: '1' }), { kind: 'lost', reason: 'releasedElsewhere' }],
    ['released, of our acquisition', row({ isReleased: '1', recordVersionNumber: 'x' }), { kind: 'lost', reason: 'releasedElsewhere' }],
    ['released by another who had taken it', row({ isReleased: '1', recordVersionNumber: 'x', acquisitionId: 'theirs', ownerName: 'thief' }), { kind: 'lost', reason: 'stolen', by: 'thief' }],
    ['an earlier renewal', row({ recordVersionNumber: 'p' }), { kind: 'behind', rvn: 'p', time }],
    ['no lock any more', { key: 'a' }, { kind: 'lost', reason: 'stolen' }],
    ['as it was: not lost, asked again', row({}), { kind: 'failed', permanent: false }],
  ])('%s', (_name, item, verdict) => {
    expect(judged(item)).toMatchObject(verdict);
  });

  test('the version that was sent: an earlier try of the SDK has arrived', () => {
    expect(judgeRenewal({ kind: 'refused', item: row({ recordVersionNumber: 'n' }), attempts: 2 }, { ...mine, pending: new Map([['n', time]]), rvn: 'n', holdOnServiceUnavailable: false })).toEqual({ kind: 'renewed' });
  });

  test('an error is never a loss; 503 counts as a renewal only for those who want it', () => {
    const failed = (name: string, status: number) => ({ kind: 'failed', error: serviceError(name, status), permanent: false } as const);
    for (const holdOnServiceUnavailable of [false, true]) {
      expect(judgeRenewal(failed('ServiceUnavailable', 503), { ...mine, rvn: 'n', holdOnServiceUnavailable }).kind).toBe(holdOnServiceUnavailable ? 'assumed' : 'failed');
      expect(judgeRenewal(failed('InternalServerError', 500), { ...mine, rvn: 'n', holdOnServiceUnavailable }).kind).toBe('failed');
    }
  });

  test('whose: a pending version under another name is not ours', () => {
    expect(whose(row({ recordVersionNumber: 'p', ownerName: 'thief' }), mine)).toEqual({ kind: 'lost', reason: 'stolen', by: 'thief' });
  });
});

describe('judgeRelease', () => {
  const sent = (more: Partial<Sent> = {}): Sent => ({ ...mine, onRelease: 'keep', sent: new Set(['s']), unsure: false, wasHeld: true, ...more });
  test.each<[string, Parameters<typeof judgeRelease>[0], Partial<Sent>, object]>([
    ['done', { kind: 'done' }, {}, { kind: 'released' }],
    ['gone, and nothing was sent before', { kind: 'refused', attempts: 1 }, { onRelease: 'delete' }, { kind: 'lost' }],
    ['gone, after a try without an answer', { kind: 'refused', attempts: 1 }, { onRelease: 'delete', unsure: true, wasHeld: false }, { kind: 'released' }],
    ['gone, after a retry of the SDK', { kind: 'refused', attempts: 2 }, { onRelease: 'delete' }, { kind: 'released' }],
    ['gone, though it was to be kept', { kind: 'refused', attempts: 1 }, {}, { kind: 'lost' }],
    ['gone, kept by a try without an answer and deleted by the next holder', { kind: 'refused', attempts: 1 }, { unsure: true }, { kind: 'released' }],
    ['gone, and the lease had run out before', { kind: 'refused', attempts: 2 }, { unsure: true, wasHeld: false }, { kind: 'lost' }],
    ['kept with a version of this release', { kind: 'refused', attempts: 1, item: row({ isReleased: '1', recordVersionNumber: 's' }) }, { unsure: true }, { kind: 'released' }],
    ['released with another version', { kind: 'refused', attempts: 1, item: row({ isReleased: '1', recordVersionNumber: 'x' }) }, {}, { kind: 'lost' }],
    ['a renewal has arrived', { kind: 'refused', attempts: 1, item: row({ recordVersionNumber: 'p' }) }, {}, { kind: 'behind', rvn: 'p' }],
    ['as it was', { kind: 'refused', attempts: 1, item: row({}) }, {}, { kind: 'failed', permanent: false }],
    ['another owner', { kind: 'refused', attempts: 1, item: row({ ownerName: 'thief', recordVersionNumber: 'x' }) }, { onRelease: 'delete' }, { kind: 'lost' }],
    ['another owner, who came after a try without an answer', { kind: 'refused', attempts: 1, item: row({ ownerName: 'next', recordVersionNumber: 'x' }) }, { unsure: true }, { kind: 'released' }],
    ['another owner, after a retry of the SDK', { kind: 'refused', attempts: 2, item: row({ ownerName: 'next', recordVersionNumber: 'x' }) }, { onRelease: 'delete' }, { kind: 'released' }],
    ['another owner, where the lease had run out before', { kind: 'refused', attempts: 2, item: row({ ownerName: 'thief', recordVersionNumber: 'x' }) }, { unsure: true, wasHeld: false }, { kind: 'lost' }],
    ['no answer', { kind: 'failed', error: 1, permanent: false }, {}, { kind: 'failed', error: 1 }],
  ])('%s', (_name, answer, more, verdict) => {
    expect(judgeRelease(answer, sent(more))).toMatchObject(verdict);
  });
});

describe('lease time', () => {
  test('the clock that says more counts', () => {
    const one = fakeClock();
    const lease = { from: { monotonic: one.monotonic(), wall: one.wall() }, leaseMs: 1_000 };
    one.block(300);
    expect(leaseLeft(one, lease)).toBe(700);
    one.suspend(200);
    expect(leaseLeft(one, lease)).toBe(500);
    one.jumpWall(-3_600_000);
    expect(leaseLeft(one, lease)).toBe(700);
    one.block(701);
    expect(leaseLeft(one, lease)).toBe(-1);
  });

  test('only time that the monotonic clock knows nothing of is a standstill', () => {
    const one = fakeClock();
    const lease = { from: { monotonic: one.monotonic(), wall: one.wall() }, leaseMs: 1_000 };
    one.suspend(1_001);
    expect(stoodStill(one, lease, 1)).toBe(true);
  });
});

describe('observations', () => {
  const see = (rvn: string, leaseMs = 1_000) => ({ rvn, leaseMs });

  test('the first look counts, and a new version starts anew', () => {
    const observations = createObservations(10);
    expect(observations.see('a', see('r-1'), 5).since).toBe(5);
    expect(observations.see('a', see('r-1'), 900).since).toBe(5);
    expect(observations.see('a', see('r-2'), 901).since).toBe(901);
    expect(observations.see('a', see('r-1'), 902).since).toBe(902);
    observations.forget('a');
    expect(observations.see('a', see('r-1'), 903).since).toBe(903);
    expect([isExpired({ ...see('r'), since: 0 }, 1_000), isExpired({ ...see('r'), since: 0 }, 1_001)]).toEqual([false, true]);
  });

  test('bounded: what was not looked at for longest is forgotten', () => {
    const observations = createObservations(2);
    observations.see('a', see('r'), 1);
    observations.see('b', see('r'), 2);
    observations.see('a', see('r'), 3);
    observations.see('c', see('r'), 4);
    expect([observations.see('a', see('r'), 9).since, observations.see('b', see('r'), 9).since]).toEqual([1, 9]);
  });

  test('a glance counts for who looks later, moves nobody\'s watch, and takes nobody\'s place', () => {
    const observations = createObservations(2);
    expect([observations.glance('a', see('r-1'), 1).since, observations.glance('a', see('r-1'), 3).since, observations.see('a', see('r-1'), 5).since]).toEqual([1, 1, 1]);
    // It may be of a row as it was a moment ago.
    expect(observations.glance('a', see('r-0'), 6).since).toBe(6);
    expect([observations.glance('a', see('r-1'), 7).since, observations.see('a', see('r-1'), 7).since]).toEqual([1, 1]);
    observations.see('b', see('r'), 8);
    for (const id of ['c', 'd', 'e']) observations.glance(id, see('r'), 9);
    expect([observations.see('a', see('r-1'), 10).since, observations.see('b', see('r'), 10).since]).toEqual([1, 8]);
    expect([observations.glance('e', see('r'), 11).since, observations.glance('c', see('r'), 11).since]).toEqual([9, 11]);
    observations.forget('e');
    expect(observations.see('e', see('r'), 12).since).toBe(12);
  });

  test('learns the earlier of two looks at one version, and of two versions the one that was seen first later', () => {
    const observations = createObservations(10);
    observations.see('a', see('r-1'), 50);
    observations.learn('a', { ...see('r-1'), since: 70 });
    expect(observations.see('a', see('r-1'), 100).since).toBe(50);
    observations.learn('a', { ...see('r-1'), since: 20 });
    expect(observations.see('a', see('r-1'), 100).since).toBe(20);
    observations.learn('a', { ...see('r-0'), since: 1 });
    expect(observations.see('a', see('r-1'), 100).since).toBe(20);
    observations.learn('a', { ...see('r-2'), since: 60 });
    expect(observations.see('a', see('r-2'), 100).since).toBe(60);
  });
});

describe('observation tokens', () => {
  const reading = (one = clock, more: object = {}) => ({ id: '["a"]', clock: one, instanceId: 'here', maxSkewMs: 2_000, ...more });

  test('within one client: the very moment; it is not moved by the wall clock', () => {
    const one = fakeClock();
    const token = writeToken({ rvn: 'r', leaseMs: 1_000, since: one.monotonic() - 300 }, reading(one));
    one.jumpWall(3_600_000);
    expect(readToken(token, reading(one))).toEqual({ rvn: 'r', leaseMs: 1_000, since: one.monotonic() - 300 });
  });

  test('from elsewhere: by the wall clock, less the skew, never in the future', () => {
    const there = fakeClock();
    const here = fakeClock();
    const token = writeToken({ rvn: 'r', leaseMs: 1_000, since: there.monotonic() }, reading(there, { instanceId: 'there' }));
    expect(readToken(token, reading(here))?.since).toBe(here.monotonic());
    here.block(5_000);
    expect(readToken(token, reading(here))?.since).toBe(here.monotonic() - 3_000);
    here.jumpWall(-3_600_000);
    expect(readToken(token, reading(here))?.since).toBe(here.monotonic());
  });

  test('handed on by others, it loses the skew once; a clock that was ahead spoils it only for the first', () => {
    const made = fakeClock();
    let token = writeToken({ rvn: 'r', leaseMs: 1_000, since: made.monotonic() }, reading(made, { instanceId: 'first' }));
    const ages = [1, 2, 3].map((n) => {
      const here = fakeClock();
      here.block(n * 1_500);
      const read = readToken(token, reading(here)) as Observation;
      token = writeToken(read, reading(here, { instanceId: `hop ${n}` }));
      return here.monotonic() - read.since;
    });
    expect(ages).toEqual([0, 1_000, 2_500]);

    const [ahead, next, last] = [fakeClock(), fakeClock(), fakeClock()];
    ahead.jumpWall(3_600_000);
    const future = writeToken({ rvn: 'r', leaseMs: 1_000, since: ahead.monotonic() }, reading(ahead, { instanceId: 'ahead' }));
    const mended = writeToken(readToken(future, reading(next)) as Observation, reading(next, { instanceId: 'next' }));
    last.block(5_000);
    expect(readToken(mended, reading(last))?.since).toBe(last.monotonic() - 3_000);
  });

  const hostile = (parts: unknown): string => Buffer.from(JSON.stringify(parts)).toString('base64url');
  test.each([
    ['empty', ''], ['no base64', '%%%'], ['no JSON', Buffer.from('{').toString('base64url')], ['no array', hostile({ 0: 1 })], ['null', hostile(null)],
    ['another version', hostile([2, '["a"]', 'r', 1, 1, 'here', 1])], ['another lock', hostile([1, '["b"]', 'r', 1, 1, 'here', 1])],
    ['no version', hostile([1, '["a"]', 7, 1, 1, 'here', 1])], ['a lease that is text', hostile([1, '["a"]', 'r', '1', 1, 'here', 1])],
    ['no time', hostile([1, '["a"]', 'r', 1, null, 'here', 1])], ['no moment', hostile([1, '["a"]', 'r', 1, 1, 'here'])], ['a lease of 1e999', Buffer.from('[1,"[\\"a\\"]","r",1e999,1,"here",1]').toString('base64url')],
  ])('%s: no observation', (_name, token) => {
    expect(readToken(token, reading())).toBeUndefined();
  });

  test('a moment of the future that claims to be ours is now', () => {
    expect(readToken(hostile([1, '["a"]', 'r', 1, 1, 'here', Number.MAX_SAFE_INTEGER]), reading())?.since).toBe(clock.monotonic());
  });
});

describe('readRow', () => {
  test('what is a lock', () => {
    expect(readRow(rowOf('a', { extra: 1 }), schema)).toEqual({ kind: 'lock', row: lockRow({ attributes: { extra: 1 } }) });
    expect(readRow(rowOf('a', { isReleased: '1', data: new Uint8Array([1]), acquisitionId: 'x', fencingToken: 3, lastTouchedAt: 9, lastTouchedVersion: 'r-1', sort: 's' }), { ...schema, sortKeyName: 'sort' }))
      .toEqual({ kind: 'lock', row: lockRow({ released: true, data: new Uint8Array([1]), acquisitionId: 'x', fencingToken: 3, lastTouchedAt: 9 }) });
  });

  test.each(['', ' 1', '1.0', '-1', '+1', '1e3', '0x10', '１', '1234567890123456'])('a lease of %p is none', (leaseDuration) => {
    expect(readRow(rowOf('a', { leaseDuration }), schema).kind).toBe('invalid');
  });
});

describe('patience', () => {
  const patience = (waitMs: number | undefined) => createPatience({ clock, signal: new AbortController().signal, leaseMs: 10_000, waitMs });
  test('without a time of the caller\'s it outlives the lease of the holder that it meets', () => {
    const one = patience(undefined);
    expect(one.left()).toBe(11_000);
    one.meet(5_000);
    expect(one.left()).toBe(11_000);
    one.meet(30_000);
    expect(one.left()).toBe(31_000);
  });
  test('with one, it stays so; 0 is a single look', () => {
    const one = patience(500);
    one.meet(30_000);
    expect([one.left(), one.waits, patience(0).waits, one.call().timeoutMs]).toEqual([500, true, false, 500]);
    expect(patience(0).call().timeoutMs).toBeUndefined();
  });
});
