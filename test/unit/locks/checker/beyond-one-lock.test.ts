import { checkRun, type Change, type Hold, type Image, type Moment, type Resume, type Run } from '../../../support/locks/checker';

const rvn = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const row = (ownerName: string, version: number, more: Image = {}): Image =>
  ({ key: 'a', ownerName, acquisitionId: `${ownerName}-1`, leaseDuration: '1000', recordVersionNumber: rvn(version), ...more });

/** What each node has made of one row, and when. */
const history = (...steps: readonly (readonly [at: number, by: string, now: Image | undefined])[]): Change[] =>
  steps.map(([at, by, now], i) => ({ id: 'a', old: steps[i - 1]?.[2], now, by, at: { from: at, to: at } }));

const problems = (run: Run): string[] => checkRun(run).map(({ invariant, id, problem }) => `${invariant} ${id}: ${problem}`);

describe('locks that are counted', () => {
  const moments = (...all: readonly (readonly [at: number, order: number] | undefined)[]): (Moment | undefined)[] => all.map((one) => one && { at: one[0], order: one[1] });
  const hold = (granted: readonly [number, number], releaseCalled?: readonly [number, number], outcome?: Hold['outcome'], more: Partial<Hold> = {}): Hold => {
    const [from, to] = moments(granted, releaseCalled);
    return { id: 'a', node: 'a', acquisitionId: 'a-1', granted: from as Moment, remainingMs: 500, releaseCalled: to, outcome, ...more };
  };
  const over = (at: number, order: number) => ({ over: { at, order } });
  const given = history([0, 'a', row('a', 1)], [400, 'a', undefined]);

  test.each<[string, Hold[]]>([
    ['one within the other', [hold([0, 1], [400, 4], 'released'), hold([100, 2], [200, 3], 'still-held')]],
    ['the first is given back first', [hold([0, 1], [200, 3], 'still-held'), hold([100, 2], [400, 4], 'released')]],
    ['given again at the moment at which it is given back', [hold([0, 1], [100, 2], 'still-held'), hold([100, 3], [400, 4], 'released')]],
    ['left to close()', [hold([0, 1], undefined, undefined, over(400, 4)), hold([100, 2], [200, 3], 'still-held', over(400, 4))]],
    ['lost', [hold([0, 1], [450, 5], 'lost', over(300, 3)), hold([100, 2], [350, 4], 'lost', over(300, 3))]],
    ['others that are another\'s', [hold([0, 1], [400, 4], 'released'), hold([500, 5], [600, 6], 'released', { acquisitionId: 'a-2' }), hold([0, 2], [100, 3], 'released', { node: 'b' })]],
  ])('true: %s', (_name, holds) => {
    expect(problems({ changes: given, holds })).toEqual([]);
  });

  test.each<[string, Hold[], string[]]>([
    ['freed by the first release', [hold([0, 1], [500, 4], 'lost'), hold([100, 2], [400, 3], 'released')], ['was released, and others have it still', 'was given back, and somebody has it still']],
    ['freed although a release says otherwise', [hold([0, 1], [500, 4], 'released'), hold([100, 2], [399, 3], 'still-held')], ['was given back, and somebody has it still']],
    ['held by nobody', [hold([0, 1], [400, 4], 'still-held'), hold([100, 2], [200, 3], 'still-held')], ['is said to be held still, and nobody has it']],
    ['given again when it was given back', [hold([0, 1], [200, 2], 'released'), hold([300, 3], [400, 4], 'released')], ['was given again after it was given back']],
    ['given again when it was lost', [hold([0, 1], [400, 5], 'lost', over(200, 2)), hold([300, 3], [400, 4], 'lost')], ['was given again after it was over']],
    ['given again when its lease was over', [hold([0, 1], [400, 5], 'lost'), hold([300, 3], [400, 4], 'lost', { remainingMs: 0 })], ['was given again after it was over']],
  ])('untrue: %s', (_name, holds, found) => {
    expect(problems({ changes: given, holds })).toEqual(found.map((problem) => `I4 a: the lock of a ${problem}`));
  });
});

describe('locks that are handed over', () => {
  const handed = history([0, 'a', row('a', 1)], [100, 'b', row('a', 2)], [200, 'b', row('a', 3)], [300, 'b', undefined], [350, 'c', row('c', 4)]);
  const resume = (node: string, from: number, to: number, outcome: Resume['outcome']): Resume => ({ id: 'a', acquisitionId: 'a-1', node, at: { from, to }, outcome });
  const byB = resume('b', 90, 110, 'resumed');
  const interval = (who: string, from: number, to: number, acquisition: string) => ({ id: 'a', who, from, to, acquisition });

  test('who has resumed a lock renews it and gives it back', () => {
    expect(problems({ changes: handed, resumes: [byB] })).toEqual([]);
    expect(problems({ changes: handed, resumes: [resume('b', 90, 95, 'unknown')] })).toEqual([]);
  });

  test('and nobody else', () => {
    expect(problems({ changes: handed })).toEqual(['I2 a: b has renewed the lock, and it was the turn of a']);
    const [first, second, third] = handed as [Change, Change, Change];
    expect(problems({ changes: [first, second, { ...third, by: 'a' }], resumes: [byB] })).toEqual(['I2 a: a has renewed the lock, and it was the turn of b']);
    expect(problems({ changes: [first, second, { ...third, by: 'a', now: undefined }], resumes: [byB] })).toEqual(['I2 a: the lock of a was deleted by a']);
  });

  test.each<[string, Resume]>([
    ['deleted', resume('d', 290, 310, 'deleted')],
    ['taken by another', resume('d', 340, 360, 'stolen')],
  ])('refused with a cause: %s', (_name, one) => {
    expect(problems({ changes: handed, resumes: [byB, one] })).toEqual([]);
  });

  test.each<[string, Resume]>([
    ['not renewed', resume('d', 120, 130, 'resumed')],
    ['not renewed by then', resume('b', 10, 50, 'resumed')],
    ['its own all the while', resume('d', 120, 250, 'stolen')],
    ['there all the while', resume('d', 120, 250, 'deleted')],
    ['never released', resume('d', 120, 400, 'releasedElsewhere')],
  ])('untrue: %s', (_name, one) => {
    expect(problems({ changes: handed, resumes: [byB, one] })).toEqual([`I4 a: ${one.node} resumed the lock from ${one.at.from} to ${one.at.to}: ${one.outcome}, and the row says otherwise`]);
  });

  test('both believe in it until the first one learns of the other; and then nobody else may', () => {
    const [a, b] = [interval('a', 1, 900, 'a-1'), interval('b', 110, 300, 'a-1')];
    expect(problems({ changes: handed, resumes: [byB], intervals: [a, b, interval('c', 360, 500, 'c-1')] })).toEqual([]);
    expect(problems({ changes: handed, resumes: [byB], intervals: [a, b, interval('c', 299, 500, 'c-1')] })).toHaveLength(1);
    expect(problems({ changes: handed.slice(0, 1), intervals: [a, interval('c', 360, 500, 'c-1')] })).toHaveLength(1);
    // Before it was another's turn, it was its own.
    expect(problems({ changes: handed, resumes: [byB], intervals: [a, interval('c', 99, 100, 'c-1')] })).toHaveLength(1);
  });

  test('each has its own end', () => {
    const grant = { id: 'a', ownerName: 'a', acquisitionId: 'a-1', validUntil: 1_000 };
    const [first, next] = [{ ...grant, node: 'a', calledAt: 0, grantedAt: 5 }, { ...grant, node: 'b', resumed: true, calledAt: 90, grantedAt: 110 }];
    const found = (grants: Run['grants']) => problems({ changes: handed, resumes: [byB], grants: grants ?? [] });
    expect(found([{ ...first, lost: { reason: 'stolen', by: 'a', at: 150 } }, { ...next, released: { outcome: 'released', at: 310 } }])).toEqual([]);
    expect(found([{ ...first, lost: { reason: 'stolen', by: 'a', at: 99 } }])).toEqual(['I4 a: a: lost (stolen by a), and the row was not']);
    expect(found([{ ...next, released: { outcome: 'lost', at: 250 } }])).toEqual(['I4 a: a: the release says that it was lost, and it was not']);
    expect(found([{ ...next, node: 'd' }])).toEqual(['I4 a: a: granted, and the history knows nothing of it']);
  });
});

describe('permits', () => {
  const slot = (n: number, steps: readonly Change[]): Change[] => steps.map((change) => ({ ...change, id: `pool#${n}` }));
  const held = (from: number, to: number) => history([from, 'a', row('a', from)], [to, 'a', undefined]);
  const ask = (size: number, from: number, to: number, key?: string) => ({ pool: 'pool', size, at: { from, to }, key });
  const interval = (n: number, from: number, to: number) => ({ id: `pool#${n}`, who: `w${n}`, from, to });

  test('as many as the greatest size says', () => {
    const [two, three] = [[interval(0, 0, 100), interval(1, 10, 50)], [interval(0, 0, 100), interval(1, 10, 50), interval(2, 40, 60)]];
    expect(problems({ changes: [], intervals: two, permits: [ask(2, 0, 1, 'pool#1')] })).toEqual([]);
    expect(problems({ changes: [], intervals: three, permits: [ask(2, 0, 1, 'pool#1'), ask(3, 0, 1, 'pool#2')] })).toEqual([]);
    expect(problems({ changes: [], intervals: three, permits: [ask(2, 0, 1, 'pool#1')] })).toEqual(['I1 pool: 3 of 2 at 40: w0, w1, w2']);
    expect(problems({ changes: [], intervals: [...two, interval(2, 50, 60)], permits: [ask(2, 0, 1, 'pool#1')] })).toEqual([]);
  });

  test('a slot of the pool', () => {
    expect(problems({ changes: [], permits: [ask(2, 0, 1, 'pool#2')] })).toEqual(['I1 pool: pool#2 is none of 2 slots']);
  });

  test('refused only when each slot was taken, if not at the same time', () => {
    const changes = [...slot(0, held(0, 100)), ...slot(1, held(90, 200))];
    expect(problems({ changes, permits: [ask(2, 50, 95), ask(2, 95, 99), ask(1, 50, 60), ask(2, 100, 110)] })).toEqual([]);
    expect(problems({ changes, permits: [ask(2, 50, 60)] })).toEqual(['I5 pool: none of 2 was granted from 50 to 60, and pool#1 was free all the while']);
    expect(problems({ changes, permits: [ask(3, 95, 99)] })).toEqual(['I5 pool: none of 3 was granted from 95 to 99, and pool#2 was free all the while']);
  });
});

describe('several locks', () => {
  const left = history([10, 'b', row('b', 1)]);
  const attempt = (ids: readonly string[], to: number, granted?: readonly string[]) =>
    ({ node: 'b', ids, at: { from: 0, to }, granted: granted?.map((id) => ({ id, acquisitionId: `${id === 'a' ? 'b' : id}-1` })) });

  test('all, each once', () => {
    expect(problems({ changes: left, attempts: [attempt(['b', 'a', 'b'], 20, ['a', 'b'])] })).toEqual([]);
    expect(problems({ changes: left, attempts: [attempt(['b', 'a'], 20, ['a'])] })).toEqual(['I4 a: b asked for b, a, and was granted a']);
    expect(problems({ changes: left, attempts: [attempt(['a'], 20, ['a', 'a'])] })).toEqual(['I4 a: b asked for a, and was granted a, a']);
  });

  test('or none', () => {
    expect(problems({ changes: left, attempts: [attempt(['a', 'b'], 20)] })).toEqual(['I4 a: b asked for a, b, was refused at 20, and this one is its own still']);
    expect(problems({ changes: left, attempts: [attempt(['a', 'b'], 5), { ...attempt(['a'], 20), node: 'c' }, attempt(['b'], 20)] })).toEqual([]);
    expect(problems({ changes: history([10, 'b', row('b', 1)], [20, 'b', undefined]), attempts: [attempt(['a'], 20)] })).toEqual([]);
    // What was granted earlier is not left behind.
    expect(problems({ changes: left, attempts: [attempt(['a'], 15, ['a']), attempt(['a', 'b'], 20)] })).toEqual([]);
  });
});

test('what a lock guards is written while it is held', () => {
  const changes = history([10, 'a', row('a', 1)], [50, 'a', row('a', 2, { isReleased: '1' })], [60, 'b', row('b', 3)]);
  const effect = (acquisitionId: string, at: number) => ({ id: 'a', acquisitionId, at: { from: at, to: at } });
  expect(problems({ changes, effects: [effect('a-1', 10), effect('a-1', 40), effect('b-1', 70)] })).toEqual([]);
  expect(problems({ changes, effects: [effect('a-1', 55), effect('a-1', 65), effect('b-1', 40), { ...effect('a-1', 40), id: 'b' }] })).toHaveLength(4);
});
