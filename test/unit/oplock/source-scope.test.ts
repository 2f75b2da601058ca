import { regressions } from '../../../src';
import type { OplockOptions, WriteRequest } from '../../../src/oplock/write';
import { runsOf } from '../../../src/oplock/plan/runs';
import { settingsOf } from '../../../src/oplock/settings';
import { stampTest } from '../../../src/oplock/stamp-attributes';
import { attemptOf, planned, rendered, spelled, verdictOf } from '../../support/plans';
import { T, thrownBy, uowOf } from './uow';

const KEY = { pk: 'a', sk: 'thing' };
const scoped = (scope: unknown, more: OplockOptions = {}): OplockOptions => ({ ...more, sourceScope: () => scope as string });
const plan = (request: Omit<WriteRequest, 'key'>, options: OplockOptions, key: Record<string, string> = KEY) => planned({ key, ...request }, uowOf(), options);

it.each<[string, OplockOptions]>([
  ['another text', { sourceScope: 'shard' as 'source' }], ['counters', { sourceScope: 'source', reduce: { sold: 'dedupeSet' } }], ['groups', { sourceScope: 'source', groups: { a: ['b'] } }], ['reject', { sourceScope: 'source', onUnversioned: 'reject' }],
  ['onDelete', { sourceScope: 'source', onDelete: 'physical' }], ['names that begin alike', { sourceScope: 'source', tieAttribute: 'timestamp_tie' }],
])('is refused with %s', (_name, options) => {
  expect(thrownBy(() => settingsOf(options))).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringMatching(/^oplock\.sourceScope: /) });
});

it('goes with a sequence and an epoch, and is a rule of writing; regressions cannot tell', () => {
  expect(settingsOf({ sourceScope: 'source', by: 'sequence', epoch: 1 }).signature).not.toBe(settingsOf({ by: 'sequence', epoch: 1 }).signature);
  expect(thrownBy(() => regressions({ oplock: { sourceScope: 'source' } })).code).toBe('INVALID_OPTION');
});

it.each([['nothing', undefined], ['no name', ''], ['no name of an object\'s own', '__proto__'], ['a number', 5], ['too much', 'x'.repeat(201)], ['half a character', '\ud83d'], ['a name in use', 'gone']])('an event of a scope that is %s is refused', (_name, scope) => {
  expect(thrownBy(() => plan({ set: {} }, scoped(scope, { deletedAttribute: 'timestamp_gone' })))).toMatchObject({ code: 'INVALID_WRITE', message: expect.stringContaining('oplock.sourceScope') });
});

it('keeps the oplock of each scope by itself, and asks for no other', () => {
  const options = scoped('crm');
  expect(spelled(rendered(plan({ set: { name: 'n', timestamp: 5 } }, options), 't', options).input)).toEqual({
    update: `SET timestamp_crm=${T},oplockTie_crm="event-1",name="n",timestamp=5 REMOVE deleted,ttl`,
    condition: `attribute_not_exists(timestamp_crm) OR timestamp_crm < ${T} OR (timestamp_crm = ${T} AND oplockTie_crm < "event-1")`,
  });
  const { sourceScope } = uowOf().origin;
  expect(attemptOf(plan({ set: {} }, { sourceScope: 'source' }), { sourceScope: 'source' }).set).toHaveProperty([`timestamp_${sourceScope}`], T);
  expect(verdictOf(plan({ set: {} }, options), { ...KEY, timestamp_crm: T + 2, timestamp_billing: T - 1 }, options)).toEqual({ kind: 'stale', behindMs: 2 });
  expect(verdictOf(plan({ set: {} }, options), { ...KEY, timestamp_crm: T, oplockTie_crm: 'event-1', timestamp_billing: T + 9 }, options)).toEqual({ kind: 'duplicate' });
});

it.each<[string, Omit<WriteRequest, 'key'>, string]>([
  ['a delete', { tombstone: true }, 'has no order'], ['the oplock of another source', { set: { timestamp_billing: 1 } }, 'oplocks of sources'], ['its tie removed', { remove: ['oplockTie_billing'] }, 'oplocks of sources'],
  ['its own oplock, made up', { set: { timestamp_crm: 1 } }, 'holds the oplock'],
  ['a time to live, which updates of another source remove', { set: { ttl: 1 } }, 'ttlAttribute'], ['what marks a tombstone', { set: { deleted: 'x' } }, 'deletedAttribute'],
])('%s is refused', (_name, request, words) => {
  expect(thrownBy(() => plan(request, scoped('crm')))).toMatchObject({ code: 'INVALID_WRITE', message: expect.stringContaining(words) });
});

it('is not in the key', () => {
  for (const name of ['timestamp_crm', 'timestamp_billing']) expect(thrownBy(() => plan({ set: {} }, scoped('crm'), { [name]: 'a' })).code).toBe('INVALID_WRITE');
});

it('folds the events of a scope, and leaves those of another alone', () => {
  const write = (id: string, scope: string) => planned({ key: KEY, set: { [scope]: id } }, uowOf({ id, timestamp: T + Number(id) }), scoped(scope));
  const runs = runsOf(['3 crm', '1 billing', '2 crm', '4 billing'], (one) => write(...one.split(' ') as [string, string]));
  expect(runs).toEqual([['2 crm', '3 crm'], ['1 billing', '4 billing']]);
});

it('has attributes that are no content', () => {
  const isStamp = stampTest({ sourceScope: 'source' });
  expect(['timestamp', 'timestamp_x', 'oplockTie_x', 'name', 'timestamps'].map(isStamp)).toEqual([true, true, true, false, false]);
});
