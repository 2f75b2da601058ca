import { marshall } from '@aws-sdk/util-dynamodb';
import { changesOf, checkRun, type Change, type Fleet, type Grant, type Image, type Refusal, type Run } from '../../../support/locks/checker';

const KEY = { partition: 'key' };
const rvn = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const row = (ownerName: string, version: number, more: Image = {}): Image =>
  ({ key: 'a', ownerName, acquisitionId: `${ownerName}-1`, leaseDuration: '1000', recordVersionNumber: rvn(version), ...more });
const released = (image: Image, version: number): Image => ({ ...image, recordVersionNumber: rvn(version), isReleased: '1' });

/** The images of one row, one after the other, each written a hundred ms after the other or when it says. */
const history = (...images: readonly (Image | undefined | readonly [Image | undefined, number])[]): Change[] => {
  const steps = images.map((image, i) => (Array.isArray(image) ? image as [Image | undefined, number] : [image as Image | undefined, i * 100] as const));
  return steps.map(([now, at], i) => ({ id: 'a', old: steps[i - 1]?.[0], now, at: { from: at, to: at } }));
};

const problems = (run: Run, fleet?: Fleet): string[] => checkRun(run, fleet).map(({ invariant, problem }) => `${invariant} ${problem}`);

const [a, b] = [row('a', 1), row('b', 11)];

describe('rows', () => {
  test.each<[string, Change[], Fleet?]>([
    ['granted, renewed, kept, granted, deleted', history(a, row('a', 2), released(a, 3), b, undefined, row('a', 4))],
    ['taken over when the version has stood for a lease', history(a, [b, 1_000])],
    ['released by Java, which keeps the version', history(a, released(a, 1)), { java: true }],
    ['deleted by hand in a shared table', history(a, released(a, 2), undefined), { operator: true }],
    ['tokens that count grants only', history(row('a', 1, { fencingToken: 1 }), row('a', 2, { fencingToken: 1 }), released(row('a', 2, { fencingToken: 1 }), 3), row('b', 4, { fencingToken: 2 })), { exclusive: true }],
    ['a write that was late, arrived twice, and found nothing', history(a, undefined, b, undefined, a)],
  ])('legal: %s', (_name, changes, fleet = {}) => {
    expect(problems({ changes }, fleet)).toEqual([]);
  });

  test.each<[string, Change[], string, Fleet?]>([
    ['taken over too early', history(a, [b, 999]), 'I2 taken from a after 999 ms of 1000'],
    ['renewed without a new version', history(a, { ...a, leaseDuration: '2000' }), 'I2 the row was written without a new version'],
    ['an old version', history(a, row('a', 2), row('a', 1)), `I2 the version ${rvn(1)} came back`],
    ['granted with the mark of a release', history(a, [released(b, 12), 2_000]), 'I2 a lock that is granted to b is marked as released'],
    ['born released', history(released(a, 1)), 'I2 a row was born released'],
    ['renewed after its release', history(a, released(a, 2), released(a, 3)), 'I2 a released row was touched'],
    ['a release that keeps the version, without Java', history(a, released(a, 1)), 'I2 the row was written without a new version'],
    ['deleted where rows stay', history(row('a', 1, { fencingToken: 1 }), undefined), 'I2 a row of an exclusive table was deleted', { exclusive: true }],
    ['a token that stands still', history(row('a', 1, { fencingToken: 1 }), [row('b', 2, { fencingToken: 1 }), 2_000]), 'I2 the fencing token went from 1 to 1', { exclusive: true }],
    ['a token that jumps', history(row('a', 1, { fencingToken: 1 }), [row('b', 2, { fencingToken: 3 }), 2_000]), 'I2 the fencing token went from 1 to 3', { exclusive: true }],
    ['a lease in seconds', history(row('a', 1, { leaseDuration: '20s' })), 'I8 leaseDuration is "20s"'],
    ['a mark of another type', history(a, { ...released(a, 2), isReleased: true }), 'I8 isReleased is true'],
    ['data as text', history(row('a', 1, { data: 'text' })), 'I8 data is "text"'],
    ['no UUID', history(row('a', 1, { recordVersionNumber: '1' })), 'I8 recordVersionNumber is "1"'],
  ])('illegal: %s', (_name, changes, problem, fleet = {}) => {
    expect(problems({ changes }, fleet)).toEqual([problem]);
  });

  test('who deletes or releases what is another\'s', () => {
    const [, gone] = history(a, undefined);
    const [first, freed] = history(a, released(a, 2));
    expect(problems({ changes: [first as Change, { ...gone as Change, by: 'b' }] })).toEqual(['I2 the lock of a was deleted by b']);
    expect(problems({ changes: [first as Change, { ...freed as Change, by: 'b' }] })).toEqual(['I2 the lock of a was released by b']);
  });

  test('the records of a stream, with both images', () => {
    const steps: readonly (readonly [Image | undefined, Image | undefined])[] = [[undefined, a], [a, row('a', 2)], [row('a', 2), b], [b, undefined]];
    const records = steps.map(([old, now]) => ({ dynamodb: { ...(old && { OldImage: marshall(old) }), ...(now && { NewImage: marshall(now) }) } }));
    const windows = new Map([[rvn(1), { from: 0, to: 5 }], [rvn(2), { from: 100, to: 300 }], [rvn(11), { from: 1_050, to: 1_090 }], [`-${rvn(11)}`, { from: 1_200, to: 1_210 }]]);
    const windowOf = (version: unknown, gone: boolean) => windows.get(`${gone ? '-' : ''}${String(version)}`);
    const changes = changesOf(records, KEY, windowOf);
    expect(changes.map(({ id, at }) => [id, at?.to])).toEqual([['a', 5], ['a', 300], ['a', 1_090], ['a', 1_210]]);
    // Renewed at 100 at the earliest, taken at 1,090 at the latest.
    expect(problems({ changes })).toEqual(['I2 taken from a after 990 ms of 1000']);
    windows.set(rvn(11), { from: 1_050, to: 1_101 });
    expect(problems({ changes: changesOf(records, KEY, windowOf) })).toEqual([]);
    expect(problems({ changes: changesOf(records, KEY) })).toEqual([]);
  });
});

describe('what holders believe', () => {
  const interval = (who: string, from: number, to: number, id = 'a') => ({ id, who, from, to });

  test('no two at once', () => {
    expect(problems({ changes: [], intervals: [interval('b', 100, 200), interval('a', 0, 100), interval('c', 50, 90, 'other'), interval('d', 150, 150)] })).toEqual([]);
    expect(problems({ changes: [], intervals: [interval('b', 99, 200), interval('a', 0, 100)] })).toEqual(['I1 a (0 to 100) and b (99 to 200) both hold it']);
    // One that is within another, and a third that meets only the longer.
    expect(problems({ changes: [], intervals: [interval('a', 0, 100), interval('b', 10, 20), interval('c', 50, 60)] })).toHaveLength(2);
  });

  test('no count is lost', () => {
    const count = (value: number, write: string) => ({ id: 'n', value, write });
    expect(problems({ changes: [], counts: [count(1, 'x'), count(1, 'x'), count(2, 'y')] })).toEqual([]);
    expect(problems({ changes: [], counts: [count(1, 'x'), count(1, 'y')] })).toEqual(['I3 y wrote 1 where 2 was due']);
    expect(problems({ changes: [], counts: [count(1, 'x'), count(2, 'y'), count(1, 'x')] })).toEqual(['I3 x wrote 1 where 3 was due']);
  });

  const grant: Grant = { id: 'a', ownerName: 'a', acquisitionId: 'a-1', calledAt: 0, grantedAt: 5, validUntil: 1_000 };
  const taken = history(a, [b, 1_500]);

  test.each<[string, Change[], Partial<Grant>]>([
    ['granted', taken, {}],
    ['stolen', taken, { lost: { reason: 'stolen', by: 'b', at: 1_600 } }],
    ['deleted', history(a, undefined), { lost: { reason: 'deleted', at: 150 } }],
    ['over', taken, { lost: { reason: 'deadline', at: 1_000 } }],
    ['given back', history(a, undefined), { released: { outcome: 'released', at: 150 } }],
    ['given back too late', taken, { released: { outcome: 'lost', at: 1_600 } }],
    ['nobody knows', taken, { released: { outcome: 'unknown', at: 20 } }],
  ])('true: %s', (_name, changes, more) => {
    expect(problems({ changes, grants: [{ ...grant, ...more }] })).toEqual([]);
  });

  test('a copy of the write that was on its way when the grant was answered, and found the row free, is granted to nobody', () => {
    const [first, end, echo] = history(a, [undefined, 100], [row('a', 2), 150]) as [Change, Change, Change];
    const given = { ...grant, released: { outcome: 'released' as const, at: 120 } };
    const onItsWay = { ...echo, at: { from: 3, to: 160 } };
    expect(problems({ changes: [first, end, onItsWay], grants: [given] })).toEqual([]);
    expect(problems({ changes: [first, onItsWay], grants: [given] })).toEqual(['I4 a: said to be released, and the row says otherwise']);
  });

  test.each<[string, Change[], Partial<Grant>, string]>([
    ['a grant of nothing', taken, { acquisitionId: 'x' }, 'granted, and the history knows nothing of it'],
    ['a grant of a row that is not written yet', history([a, 10]), {}, 'granted before it was written'],
    ['a grant of an old row', history([a, 10]), { calledAt: 20, grantedAt: 30 }, 'granted by a write older than the call'],
    ['a token of nobody', taken, { fencingToken: 7 }, 'the row never had the token 7'],
    ['stolen by nobody', history(a, row('a', 2)), { lost: { reason: 'stolen', by: 'b', at: 300 } }, 'lost (stolen by b), and the row was not'],
    ['stolen by another than that', taken, { lost: { reason: 'stolen', by: 'c', at: 1_600 } }, 'lost (stolen by c), and the row was not'],
    ['stolen too soon', taken, { lost: { reason: 'stolen', by: 'b', at: 1_400 } }, 'lost (stolen by b), and the row was not'],
    ['deleted by nobody', taken, { lost: { reason: 'deleted', at: 1_600 } }, 'lost (deleted), and the row was not'],
    ['released by nobody', taken, { lost: { reason: 'releasedElsewhere', at: 1_600 } }, 'lost (releasedElsewhere), and the row was not released'],
    ['over before its time', taken, { lost: { reason: 'deadline', at: 900 } }, 'lost (deadline) at 900, with its lease running to 1000'],
    ['not given back', history(a), { released: { outcome: 'released', at: 100 } }, 'said to be released, and the row says otherwise'],
    ['given back, and said to be lost', history(a), { released: { outcome: 'lost', at: 100 } }, 'the release says that it was lost, and it was not'],
  ])('untrue: %s', (_name, changes, more, problem) => {
    expect(problems({ changes, grants: [{ ...grant, ...more }] })).toEqual([`I4 a: ${problem}`]);
  });
});

describe('what the table refused', () => {
  const free = { ConditionExpression: 'attribute_not_exists(#k) OR isReleased = :one', ExpressionAttributeNames: { '#k': 'key' }, ExpressionAttributeValues: { ':one': '1' } };
  const mine = (version: number) => ({ ConditionExpression: 'recordVersionNumber = :v AND attribute_not_exists(isReleased)', ExpressionAttributeValues: { ':v': rvn(version) } });
  const refusal = (request: Refusal['request'], from: number, to: number, ...told: readonly [] | readonly [Image | undefined]): Refusal => ({ id: 'a', request, at: { from, to }, ...(told.length > 0 ? { told: { row: told[0] } } : {}) });
  /** Free until 100, of a until 300 (renewed at 200), free until 400, of b. */
  const changes = history([a, 100], [row('a', 2), 200], [released(row('a', 2), 3), 300], [b, 400]);
  const windows = (...all: readonly (readonly [number, number] | undefined)[]) => changes.map((change, i) => ({ ...change, at: all[i] && { from: all[i][0], to: all[i][1] } }));

  test.each<[string, Refusal]>([
    ['somebody held it', refusal(free, 150, 160, a)],
    ['at the end of the window', refusal(free, 50, 100, a)],
    ['at its start', refusal(free, 300, 350, row('a', 2))],
    ['for a moment in between', refusal(mine(1), 190, 290, row('a', 2))],
    ['before there was a row', refusal(mine(1), 10, 20, undefined)],
    ['the answer does not tell the row', refusal(mine(2), 310, 320)],
  ])('explained: %s', (_name, one) => {
    expect(problems({ changes, refusals: [one] })).toEqual([]);
  });

  test.each<[string, Refusal, string]>([
    ['a row that was free', refusal(free, 310, 390), 'and the row met it all the while'],
    ['a row that was never there', { ...refusal(free, 150, 160), id: 'b' }, 'and the row met it all the while'],
    ['a version that stood', refusal(mine(2), 210, 290), 'and the row met it all the while'],
    ['a row of another time', refusal(free, 150, 160, row('a', 2)), `by a row that was not there: ${JSON.stringify(row('a', 2))}`],
    ['no row, and there was one', refusal(free, 150, 160, undefined), 'by a row that was not there: undefined'],
    ['a row that does not contradict', refusal(free, 250, 350, released(row('a', 2), 3)), `by a row that was not there: ${JSON.stringify(released(row('a', 2), 3))}`],
  ])('false: %s', (_name, one, problem) => {
    expect(problems({ changes, refusals: [one] })).toEqual([`I4 ${one.request.ConditionExpression} was refused between ${one.at.from} and ${one.at.to}, ${problem}`]);
  });

  test('where the time of a change is known by a window, or not at all, whatever may have been counts', () => {
    const stood = refusal(mine(2), 210, 290);
    const found = (changed: Change[]) => problems({ changes: changed, refusals: [stood] }).length;
    expect(found(windows([100, 110], [190, 209], [291, 310], [400, 400]))).toBe(1);
    expect(found(windows([100, 110], [190, 210], [291, 310], [400, 400]))).toBe(0);
    expect(found(windows([100, 110], [190, 209], [290, 310], [400, 400]))).toBe(0);
    // Before the release, whose own time nobody knows; and after the grant.
    expect(found(windows(undefined, [190, 209], undefined, [291, 300]))).toBe(0);
    expect(found(windows([205, 208], undefined, [291, 300], undefined))).toBe(0);
    expect(found(windows([205, 208], [100, 209], undefined, undefined))).toBe(0);
    expect(found(windows([205, 208], [100, 209], [295, 900], [100, 300]))).toBe(1);
  });
});
