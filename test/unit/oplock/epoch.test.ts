import type { Attempt } from '../../../src/oplock/attempt/attempt';
import type { OplockOptions, WriteRequest } from '../../../src/oplock/write';
import { findRegression } from '../../../src/oplock/regression/regression';
import { settingsOf } from '../../../src/oplock/settings';
import { stampTest } from '../../../src/oplock/stamp-attributes';
import { afterRefusal, attemptOf, planned, single, spelled } from '../../support/plans';
import { T, thrownBy, uowOf } from './uow';

const KEY = { pk: 'a', sk: 'thing' };
const OPTIONS = { epoch: 3 } satisfies OplockOptions;
const attempt = (request: Omit<WriteRequest, 'key'>, options: OplockOptions = OPTIONS): Attempt => attemptOf(planned({ key: KEY, ...request }, uowOf(), options), options);
const condition = (one: Attempt): string => spelled(single(one).input).condition;
const OLDER = `attribute_not_exists(timestamp) OR timestamp < ${T} OR (timestamp = ${T} AND oplockTie < "event-1")`;

describe('oplock.epoch', () => {
  it.each([-1, 1.5, NaN, Infinity, 2 ** 53, '3', null, 3n])('cannot be %p', (epoch) => {
    expect(thrownBy(() => settingsOf({ epoch: epoch as number }))).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining('a whole number belongs') });
  });

  it.each<OplockOptions>([{ epochAttribute: 'e' }, { epoch: 1, onDelete: 'sidecar' }, { epoch: 1, onDelete: 'physical' }, { epoch: 1, epochAttribute: 'ttl' }, { epoch: 1, epochAttribute: '' }, { epoch: 1, attribute: 'oplockEpoch' }, { epoch: 1, groups: { a: ['oplockEpoch'] } }])('%j is refused', (options) => {
    expect(thrownBy(() => settingsOf(options)).code).toBe('INVALID_OPTION');
  });

  it('has an attribute that no event may write, and that is none of the key', () => {
    for (const request of [{ set: { oplockEpoch: 3 } }, { remove: ['oplockEpoch'] }, { set: { oplockEpoch: undefined }, tombstone: true }]) {
      expect(thrownBy(() => attempt(request))).toMatchObject({ code: 'INVALID_WRITE', message: expect.stringContaining('epochAttribute') });
    }
    expect(thrownBy(() => planned({ key: { oplockEpoch: 'a' } }, uowOf(), OPTIONS)).code).toBe('INVALID_WRITE');
    expect(planned({ key: { oplockEpoch: 'a' } }, uowOf(), { epoch: 3, epochAttribute: 'edition' }).key).toEqual({ oplockEpoch: 'a' });
  });

  it('is a rule of writing: writes of two are not folded; and it is no content', () => {
    expect(settingsOf({ epoch: 3 }).signature).not.toBe(settingsOf({ epoch: 4 }).signature);
    expect(settingsOf({ epoch: 0 }).signature).not.toBe(settingsOf({}).signature);
    expect([stampTest({ epoch: 3 })('oplockEpoch'), stampTest({})('oplockEpoch')]).toEqual([true, false]);
  });
});

describe('an event of an epoch', () => {
  it('asks for an item of its epoch, or none', () => {
    expect(spelled(single(attempt({ set: { name: 'n' } })).input)).toEqual({
      update: `SET timestamp=${T},oplockTie="event-1",name="n",oplockEpoch=3 REMOVE deleted,ttl`,
      condition: `(${OLDER}) AND (attribute_not_exists(pk) OR oplockEpoch = 3)`,
    });
  });

  it('of epoch 0 takes a row without one for its own', () => {
    const zero = attempt({ set: { name: 'n' } }, { epoch: 0 });
    expect(condition(zero)).toBe(`(${OLDER}) AND (attribute_not_exists(oplockEpoch) OR oplockEpoch = 0)`);
    expect(afterRefusal(zero, { ...KEY, timestamp: T + 5 })).toEqual({ kind: 'stale', behindMs: 5 });
  });

  it.each([['none', {}], ['an older one', { oplockEpoch: 2 }]])('puts the item whole where it is of %s, be it ever so new', (_name, epoch) => {
    const next = afterRefusal(attempt({ set: { name: 'n' }, remove: ['x'] }), { ...KEY, timestamp: T + 9, oplockTie: 'z', old: 1, ...epoch }) as Attempt;
    const { command, input } = single(next);
    expect(command).toBe('put');
    expect('Item' in input && input.Item).toEqual({ ...KEY, name: 'n', timestamp: T, oplockTie: 'event-1', oplockEpoch: 3 });
    expect(condition(next)).toBe('attribute_not_exists(oplockEpoch) OR oplockEpoch < 3');
  });

  it('goes by the oplock again when another one of its epoch was faster', () => {
    const replacing = afterRefusal(attempt({ set: { name: 'n' } }), { ...KEY, oplockEpoch: 2 }) as Attempt;
    const again = afterRefusal(replacing, { ...KEY, oplockEpoch: 3, timestamp: T + 1, oplockTie: 'x' }) as Attempt;
    expect(condition(again)).toContain(OLDER);
    expect(afterRefusal(again, { ...KEY, oplockEpoch: 3, timestamp: T + 1, oplockTie: 'x' })).toEqual({ kind: 'stale', behindMs: 1 });
  });

  it.each([0, 3])('is a mismatch with NULL in its place, which no condition lets pass: %d', (epoch) => {
    expect(afterRefusal(attempt({ set: { name: 'n' } }, { epoch }), { ...KEY, timestamp: 1, oplockEpoch: null })).toMatchObject({ kind: 'mismatch', reason: '"oplockEpoch" holds NULL, the writer\'s epoch is a number' });
  });

  it('is refused by an item of a newer one, which is told', () => {
    expect(afterRefusal(attempt({ set: { name: 'n' } }), { ...KEY, oplockEpoch: 4, timestamp: 1 })).toEqual({ kind: 'stale', epoch: 4 });
    expect(afterRefusal(attempt({ tombstone: true }), { ...KEY, oplockEpoch: 4, timestamp: 1 })).toEqual({ kind: 'stale', epoch: 4 });
  });

  it('cannot be compared with one that is no number', () => {
    expect(afterRefusal(attempt({ set: { name: 'n' } }), { ...KEY, oplockEpoch: '4' })).toEqual({ kind: 'mismatch', reason: '"oplockEpoch" holds a string, the writer\'s epoch is a number' });
  });

  it('deletes with a tombstone of its epoch', () => {
    const { input } = single(attempt({ tombstone: true }));
    expect('Item' in input && input.Item).toMatchObject({ ...KEY, deleted: true, oplockEpoch: 3 });
  });

  it('narrows within its epoch, and keeps the mark in a narrowed delete', () => {
    const options = { ...OPTIONS, groups: { profile: ['name'], address: ['street'] } };
    const item = { ...KEY, oplockEpoch: 3, timestamp: T - 1, oplockTie: 'a', timestamp_profile: T + 1, oplockTie_profile: 'a', name: 'n', size: 1 };
    const { set, remove, requires } = afterRefusal(attempt({ tombstone: true }, options), item) as Attempt;
    expect(set['oplockEpoch']).toBe(3);
    expect(remove).toContain('size');
    expect(remove).not.toContain('oplockEpoch');
    expect(requires.map(({ is }) => is)).toContain('inEpoch');
    const replaced = afterRefusal(attempt({ set: { name: 'x', street: 's' } }, options), { ...item, oplockEpoch: 1 }) as Attempt;
    expect(replaced).toMatchObject({ how: 'put', results: [{ kind: 'applied' }] });
  });
});

it('a row of another epoch has not gone backwards: what was there before stays away', () => {
  const rows = settingsOf(OPTIONS);
  const [was, is] = [{ ...KEY, timestamp: T + 5, oplockTie: 'a', old: 1 }, { ...KEY, timestamp: T, oplockTie: 'b', fresh: 1 }];
  const found = (before: object, after: object) => findRegression({ ...was, ...before }, { ...is, ...after }, ['pk', 'sk'], rows);
  expect(found({ oplockEpoch: 2 }, { oplockEpoch: 3 })).toBeUndefined();
  expect(found({}, { oplockEpoch: 3 })).toBeUndefined();
  expect(found({ oplockEpoch: 3 }, { oplockEpoch: 3 })).toMatchObject({ byMs: 5 });
  expect(found({}, { oplockEpoch: 0 })).toMatchObject({ byMs: 5 });
});
