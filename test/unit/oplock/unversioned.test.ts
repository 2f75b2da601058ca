import type { Attempt } from '../../../src/oplock/attempt/attempt';
import type { OplockOptions, WriteRequest } from '../../../src/oplock/write';
import { settingsOf } from '../../../src/oplock/settings';
import { afterRefusal, attemptOf, planned, single, spelled } from '../../support/plans';
import { T, thrownBy, uowOf } from './uow';

const KEY = { pk: 'a', sk: 'thing' };
const REJECT = { onUnversioned: 'reject' } satisfies OplockOptions;
const GROUPS = { groups: { profile: ['name'], address: ['street'] } };
const attempt = (request: Omit<WriteRequest, 'key'>, options: OplockOptions = REJECT): Attempt => attemptOf(planned({ key: KEY, ...request }, uowOf(), options), options);
const KEPT = { kind: 'conflict', reason: expect.stringMatching(/no oplock.+onUnversioned/) };

it.each(['keep', null, true, ''])('cannot be %p', (onUnversioned) => {
  expect(thrownBy(() => settingsOf({ onUnversioned: onUnversioned as 'apply' }))).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining("'apply' or 'reject'") });
});

it('is a rule of writing: writes of sinks that have it, and have it not, are not folded', () => {
  expect(settingsOf(REJECT).signature).not.toBe(settingsOf({}).signature);
  expect(settingsOf({ onUnversioned: 'apply' }).signature).toBe(settingsOf({}).signature);
});

it('asks for an item with an oplock, or none', () => {
  expect(spelled(single(attempt({ set: { name: 'n' } })).input).condition).toMatch(/ AND \(attribute_not_exists\(pk\) OR attribute_exists\(timestamp\)\)$/);
  expect(spelled(single(attempt({ set: { name: 'n' } }, { ...REJECT, ...GROUPS })).input).condition)
    .toMatch(/ AND \(attribute_not_exists\(pk\) OR attribute_exists\(timestamp\) OR attribute_exists\(timestamp_deleted\) OR attribute_exists\(timestamp_profile\) OR attribute_exists\(timestamp_address\)\)$/);
  expect(spelled(single(attempt({ set: {} }, { onUnversioned: 'apply' })).input).condition).not.toContain('attribute_exists');
});

it.each<[string, Omit<WriteRequest, 'key'>, OplockOptions]>([
  ['an update', { set: { name: 'n' } }, REJECT],
  ['a delete', { tombstone: true }, REJECT],
  ['a delete beside a sidecar', { tombstone: true }, { ...REJECT, onDelete: 'sidecar' }],
  ['an update of a group', { set: { name: 'n' } }, { ...REJECT, ...GROUPS }],
  ['a delete of groups', { tombstone: true }, { ...REJECT, ...GROUPS }],
  ['an update of a new epoch', { set: { name: 'n' } }, { ...REJECT, epoch: 2 }],
])('%s leaves an item without an oplock as it is', (_name, request, options) => {
  for (const item of [{ ...KEY }, { ...KEY, imported: 1, oplockTie: 'x', deleted: true }]) expect(afterRefusal(attempt(request, options), item)).toEqual(KEPT);
});

it('goes by the oplock where there is one, in any group, and by the epoch', () => {
  expect(afterRefusal(attempt({ set: { name: 'n' } }), { ...KEY, timestamp: T + 1 })).toEqual({ kind: 'stale', behindMs: 1 });
  const options = { ...REJECT, ...GROUPS };
  expect(afterRefusal(attempt({ set: { name: 'n', street: 's' } }, options), { ...KEY, timestamp_profile: T + 1 })).toMatchObject({ results: [{ kind: 'narrowed' }] });
  const replacing = afterRefusal(attempt({ set: { name: 'n' } }, { ...REJECT, epoch: 2 }), { ...KEY, timestamp: T + 1 }) as Attempt;
  expect(replacing).toMatchObject({ how: 'put', set: { name: 'n', oplockEpoch: 2 } });
  expect(replacing.requires.map(({ is }) => is)).toEqual(['beforeEpoch', 'versioned']);
  expect(afterRefusal(replacing, { ...KEY })).toEqual(KEPT);
});
