import type { Attempt, Item } from '../../../src/oplock/attempt/attempt';
import { hashOf, isContained } from '../../../src/oplock/guards/content';
import type { OplockOptions } from '../../../src/oplock/options';
import { planItem } from '../../../src/oplock/plan/item';
import { settingsOf } from '../../../src/oplock/settings';
import { stampTest } from '../../../src/oplock/stamp-attributes';
import type { WriteRequest } from '../../../src/oplock/write';
import { afterRefusal, attemptOf, planned, single, spelled } from '../../support/plans';
import { thrownBy, uowOf } from './uow';

const KEY = { pk: 'a', sk: 'thing' };
const OPTIONS = { by: 'sequence', skipUnchanged: true } satisfies OplockOptions;
type Content = Omit<WriteRequest, 'key'>;

const writeOf = (request: Content, n = 5, options: OplockOptions = OPTIONS) => planned({ key: KEY, ...request }, uowOf({ id: `e${n}` }, { sequence: `s${n}` }), options);
const attempt = (request: Content, options: OplockOptions = OPTIONS): Attempt => attemptOf(writeOf(request, 5, options), options);
const hash = (request: Content): number => hashOf(writeOf(request));
const stored = (content: Item, n: number, said: Content = { set: content }): Item => ({ ...KEY, ...content, timestamp: `s${n}`, oplockTie: `e${n}`, oplockHash: hash(said) });

describe('oplock.skipUnchanged', () => {
  it.each<[OplockOptions, string]>([
    [{ skipUnchanged: true }, 'stored is A@100, B@150 is late, A@200 arrives and is skipped, and then B@150 is applied: the item ends as B'],
    [{ skipUnchanged: true, by: 'timestamp' }, 'the step `outUnchanged`, or `skipUnchanged` in a rule of `cdc`'],
    [{ ...OPTIONS, groups: { a: ['x'] } }, 'it cannot go with groups'],
    [{ ...OPTIONS, sourceScope: 'source' }, 'it cannot go with sourceScope'],
    [{ ...OPTIONS, reduce: { n: 'sequence' } }, 'it cannot go with reduce'],
    [{ ...OPTIONS, skipUnchanged: 'yes' as never }, 'where true or false belongs'],
    [{ ...OPTIONS, skipUnchanged: null as never }, 'where true or false belongs'],
    [{ hashAttribute: 'h' }, 'give `skipUnchanged: true`, too'],
    [{ skipUnchanged: false, hashAttribute: 'h' }, 'give `skipUnchanged: true`, too'],
    [{ ...OPTIONS, hashAttribute: '' }, 'an attribute name in the oplock options'],
    [{ ...OPTIONS, hashAttribute: 'ttl' }, 'use the attribute "ttl" twice'],
    [{ ...OPTIONS, tieAttribute: 'oplockHash' }, 'use the attribute "oplockHash" twice'],
  ])('%j is refused', (options, message) => {
    expect(thrownBy(() => settingsOf(options))).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining(message) });
  });

  it('has an attribute that no event may write, and that is none of the key', () => {
    for (const request of [{ set: { oplockHash: 3 } }, { remove: ['oplockHash'] }, { set: { oplockHash: undefined }, tombstone: true }]) {
      expect(thrownBy(() => attempt(request))).toMatchObject({ code: 'INVALID_WRITE', message: expect.stringContaining('hashAttribute') });
    }
    expect(thrownBy(() => planned({ key: { oplockHash: 'a' } }, uowOf(), OPTIONS)).code).toBe('INVALID_WRITE');
    expect(attempt({ set: { oplockHash: 3 } }, { ...OPTIONS, hashAttribute: 'h' }).set).toMatchObject({ oplockHash: 3, h: expect.any(Number) });
    expect(attempt({ set: { oplockHash: 3 } }, { by: 'sequence' }).set['oplockHash']).toBe(3);
  });

  it('is a rule of writing, and its hash is no content', () => {
    expect(settingsOf(OPTIONS).signature).not.toBe(settingsOf({ by: 'sequence' }).signature);
    expect([stampTest(OPTIONS)('oplockHash'), stampTest({ ...OPTIONS, hashAttribute: 'h' })('h'), stampTest({})('oplockHash')]).toEqual([true, true, false]);
  });
});

describe('an update', () => {
  const request = { set: { name: 'n', size: 1 }, remove: ['x'] };
  const one = attempt(request);

  it('asks for another hash, and leaves its own', () => {
    expect(spelled(single(one).input)).toEqual({
      update: `SET timestamp="s5",oplockTie="e5",name="n",size=1,oplockHash=${hash(request)} REMOVE x,deleted,ttl`,
      condition: `(attribute_not_exists(timestamp) OR timestamp < "s5" OR (timestamp = "s5" AND oplockTie < "e5")) AND (attribute_not_exists(oplockHash) OR oplockHash <> ${hash(request)})`,
    });
  });

  it('is unchanged where the item says it already', () => {
    expect(afterRefusal(one, stored({ name: 'n', size: 1, other: true }, 4, request))).toEqual({ kind: 'unchanged' });
  });

  it.each<[string, Item]>([
    ['has something else', { name: 'n', size: 2 }],
    ['lacks something', { name: 'n' }],
    ['has what it removes', { name: 'n', size: 1, x: 0 }],
    ['is marked as deleted', { name: 'n', size: 1, deleted: true }],
  ])('is sent without asking where the hash lies: the item %s', (_name, content) => {
    const next = afterRefusal(one, stored(content, 4, request)) as Attempt;
    const { condition, update } = spelled(single(next).input);
    expect(condition).toBe('attribute_not_exists(timestamp) OR timestamp < "s5" OR (timestamp = "s5" AND oplockTie < "e5")');
    expect(update).toContain(`oplockHash=${hash(request)}`);
    expect(afterRefusal(next, stored({ name: 'n', size: 1 }, 6, request))).toMatchObject({ kind: 'stale' });
    expect(afterRefusal(next, stored({ name: 'n', size: 1 }, 4, request))).toMatchObject({ kind: 'passes' });
  });

  it('goes by its oplock first, whatever the hash is', () => {
    expect(afterRefusal(one, stored({ name: 'n', size: 1 }, 5, request))).toEqual({ kind: 'duplicate' });
    expect(afterRefusal(one, stored({ name: 'n', size: 1 }, 6, request))).toMatchObject({ kind: 'stale' });
    expect(afterRefusal(one, { ...KEY, timestamp: 3, oplockHash: hash(request) })).toMatchObject({ kind: 'mismatch' });
  });

  it('is tried again when the item has changed since: it is gone, or has another hash', () => {
    expect(afterRefusal(one, undefined)).toMatchObject({ kind: 'passes' });
    expect(afterRefusal(one, { ...stored({ name: 'n', size: 1 }, 4, request), oplockHash: 1 })).toMatchObject({ kind: 'passes' });
    expect(afterRefusal(one, { ...KEY, name: 'n', size: 1, timestamp: 's4' })).toMatchObject({ kind: 'passes' });
  });
});

it('a delete does not ask, and its tombstone has no hash', () => {
  const { set, requires } = attempt({ tombstone: true });
  expect(Object.keys(set)).not.toContain('oplockHash');
  expect(requires.map(({ is }) => is)).toEqual(['older']);
  expect(afterRefusal(attempt({ tombstone: true }), stored({ deleted: true }, 6))).toMatchObject({ kind: 'tombstoned' });
});

describe('events folded together', () => {
  const fold = (...writes: ReturnType<typeof writeOf>[]): Attempt => planItem(writes, settingsOf(OPTIONS));
  const [one, two] = [{ set: { name: 'one' } }, { set: { name: 'two' } }];

  it('ask when all say the same, and the last of them is unchanged', () => {
    const next = fold(writeOf(one, 5), writeOf(one, 6)).afterRefusal({ item: stored({ name: 'one' }, 4), companions: [] });
    expect(next).toEqual({ kind: 'refused', results: [{ kind: 'superseded', by: 'e6' }, { kind: 'unchanged' }] });
  });

  it('keep what the others end in', () => {
    const item = stored({ name: 'one' }, 3);
    const next = fold(writeOf(one, 3), writeOf(one, 5)).afterRefusal({ item, companions: [] }) as Attempt;
    expect([next.set['timestamp'], next.requires.map(({ is }) => is)]).toEqual(['s5', ['older', 'differs']]);
    expect(next.afterRefusal({ item, companions: [] }).results).toEqual([{ kind: 'duplicate' }, { kind: 'unchanged' }]);
  });

  it('are written when they say different things: those before the last would not be too old otherwise', () => {
    const { requires, set } = fold(writeOf(two, 5), writeOf(one, 6));
    expect(requires.map(({ is }) => is)).toEqual(['older']);
    expect(set['oplockHash']).toBe(hash(one));
  });
});

describe('beside other rules', () => {
  const request = { set: { name: 'n' } };

  it('an older epoch is replaced whole, whatever its hash; of its own the update is unchanged', () => {
    const options = { ...OPTIONS, epoch: 3 };
    const next = afterRefusal(attempt(request, options), { ...stored({ name: 'n' }, 4), oplockEpoch: 2 }) as Attempt;
    expect(next).toMatchObject({ how: 'put', set: { name: 'n', oplockHash: hash(request), oplockEpoch: 3 } });
    expect(next.requires.map(({ is }) => is)).toEqual(['beforeEpoch']);
    expect(afterRefusal(attempt(request, options), { ...stored({ name: 'n' }, 4), oplockEpoch: 3 })).toEqual({ kind: 'unchanged' });
    expect(afterRefusal(attempt(request, options), { ...stored({ name: 'n' }, 4), oplockEpoch: 4 })).toEqual({ kind: 'stale', epoch: 4 });
  });

  it('a row without an oplock is kept', () => {
    const { timestamp: _timestamp, ...unversioned } = stored({ name: 'n' }, 4);
    expect(afterRefusal(attempt(request, { ...OPTIONS, onUnversioned: 'reject' }), unversioned)).toMatchObject({ kind: 'conflict' });
  });

  it('with sidecars an item that is there is asked, and one that is not is brought in', () => {
    const options = { ...OPTIONS, onDelete: 'sidecar' } as const;
    expect(afterRefusal(attempt(request, options), stored({ name: 'n' }, 4))).toEqual({ kind: 'unchanged' });
    const onNew = afterRefusal(attempt(request, options), undefined) as Attempt;
    expect(onNew).toMatchObject({ set: { oplockHash: hash(request) }, companions: [{ how: 'delete' }] });
    const deletion = attempt({ tombstone: true }, options);
    expect([deletion.set, deletion.companions?.[0]?.set]).toEqual([{}, expect.not.objectContaining({ oplockHash: expect.anything() })]);
  });
});

describe('a content', () => {
  const contents: readonly Content[] = [
    {}, { set: { a: 1 } }, { set: { a: '1' } }, { set: { a: 1.5 } }, { set: { b: 1 } }, { set: { a: 1, b: 1 } }, { set: { a: null } }, { set: { a: 'null' } }, { set: { a: true } },
    { set: { a: false } }, { set: { a: undefined } }, { set: { a: [1] } }, { set: { a: new Set([1]) } }, { set: { a: new Set(['1']) } }, { set: { a: new Set([1, 2]) } }, { set: { a: [1, 2] } }, { set: { a: [2, 1] } },
    { set: { a: { b: 1 } } }, { set: { a: { b: [1] } } }, { set: { a: new Uint8Array([1]) } }, { set: { a: new Uint8Array([1, 0]) } }, { set: { a: new Set([new Uint8Array([1])]) } },
    { set: { a: '' } }, { set: { a: {} } }, { set: { a: [] } }, { remove: ['b'] }, { remove: ['a', 'b'] },
  ];

  it('has a hash of its own', () => {
    expect(new Set(contents.map(hash)).size).toBe(contents.length);
  });

  it.each<[Content, Content]>([
    [{ set: { a: 1, b: 2 } }, { set: { b: 2, a: 1 } }],
    [{ set: { a: 1 } }, { set: { a: 1n } }],
    [{ set: { a: { x: 1, y: '2' } } }, { set: { a: { y: '2', x: 1 } } }],
    [{ set: { a: new Set(['y', 'x']) } }, { set: { a: new Set(['x', 'y']) } }],
    [{ set: { a: new Set([2, 1n]) } }, { set: { a: new Set([1, 2]) } }],
    [{ set: { a: Buffer.from([7]) } }, { set: { a: new Uint8Array([7]) } }],
    [{ set: { a: undefined }, remove: ['b'] }, { remove: ['b', 'a'] }],
  ])('%j is the same as %j', (a, b) => {
    expect(hash(a)).toBe(hash(b));
    expect(isContained(writeOf(a), writeOf(b).set)).toBe(true);
  });
});
