import type { Attempt } from '../../../src/oplock/attempt/attempt';
import type { Place } from '../../../src/oplock/attempt/requirement';
import { layoutOf, type GroupLayout } from '../../../src/oplock/groups/layout';
import type { OplockGroups } from '../../../src/oplock/groups/options';
import { afterRefusal, attemptOf, droppedOf, planned, single, spelled } from '../../support/plans';
import type { OplockOptions, WriteRequest } from '../../../src/oplock/write';
import { combineOutcomes, OUTCOME_KINDS, type Outcome } from '../../../src/outcome';
import { NOW, T, thrownBy, uowOf } from './uow';

const OPTIONS = { groups: { profile: ['name', 'email'], address: ['street'] } } satisfies OplockOptions;
const KEY = { pk: 'a' };
const TTL = NOW / 1000 + 400 * 86_400;

const plan = (request: Omit<WriteRequest, 'key'>, options: OplockOptions = OPTIONS, key: WriteRequest['key'] = KEY): Attempt =>
  attemptOf(planned({ key, ...request }, uowOf(), options), options);

describe('the layout', () => {
  it('derives names, or takes those that it is given', () => {
    const names = (options: OplockOptions) => {
      const layout = layoutOf(options) as GroupLayout;
      return [layout.rest, layout.deletion, ...layout.groups].map(({ oplock, tie }) => [oplock, tie]);
    };
    expect(names(OPTIONS)).toEqual([
      ['timestamp', 'oplockTie'], ['timestamp_deleted', 'oplockTie_deleted'], ['timestamp_profile', 'oplockTie_profile'], ['timestamp_address', 'oplockTie_address'],
    ]);
    expect(names({
      attribute: 'v', tieAttribute: 'e', deletedAttribute: 'gone', deletionAttribute: 'goneAt', deletionTieAttribute: 'goneBy',
      groups: { profile: { attributes: ['name'], attribute: 'vp' }, address: { attributes: ['street'], tieAttribute: 'ea' } },
    })).toEqual([['v', 'e'], ['goneAt', 'goneBy'], ['vp', 'e_profile'], ['v_address', 'ea']]);
  });

  it('is not there without groups', () => {
    expect([layoutOf(), layoutOf({}), layoutOf({ attribute: 'v' })]).toEqual([undefined, undefined, undefined]);
  });

  const many = Object.fromEntries(Array.from({ length: 21 }, (_unused, i) => [`g${i}`, [`a${i}`]]));
  it.each<[string, unknown, RegExp]>([
    ['no groups', {}, /0 groups/],
    ['more than an expression can hold', many, /21 groups/],
    ['a list', [['name']], /an array where/],
    ['null', null, /null where/],
    ['an attribute in two groups', { a: ['x', 'y'], b: ['z', 'x'] }, /"x" is twice in groups \("a", "b"\)/],
    ['an attribute twice in one', { a: ['x', 'x'] }, /"x" is twice/],
    ['an empty group', { a: [] }, /group "a": found no attributes/],
    ['a group that is no list', { a: 'name' }, /group "a": found the string "name"/],
    ['a group without attributes', { a: { attribute: 'x' } }, /group "a": found nothing/],
    ['a group without a name', { '': ['x'] }, /a group: found an empty string/],
    ['a group of the reserved name', { rest: ['x'] }, /"rest" stands for/],
    ['a group whose names are those of the delete', { deleted: ['x'] }, /"timestamp_deleted" would hold two/],
    ['an attribute that holds an oplock', { a: ['timestamp'] }, /"timestamp" is kept/],
    ['an attribute that holds a group\'s oplock', { a: ['x'], b: ['timestamp_a'] }, /"timestamp_a" is kept/],
    ['an attribute of tombstones', { a: ['ttl'] }, /"ttl" is kept/],
    ['an attribute without a name', { a: ['x', ''] }, /an attribute: found an empty string/],
    ['an attribute that cannot be read back', { a: ['__proto__'] }, /__proto__/],
    ['a name that is none', { a: { attributes: ['x'], attribute: 5 } }, /the number 5/],
    ['one name for oplock and tie', { a: { attributes: ['x'], attribute: 'o', tieAttribute: 'o' } }, /"o" would hold two/],
    ['a name that is too long', { ['a'.repeat(250)]: ['x'] }, /1 to 255 bytes/],
  ])('refuses %s', (_name, groups, message) => {
    expect(thrownBy(() => layoutOf({ groups: groups as OplockGroups }))).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringMatching(message) });
  });

  it('takes names that objects have by themselves', () => {
    expect(layoutOf({ groups: { toString: ['constructor'], constructor: ['toString'] } })?.groups.map(({ name }) => name)).toEqual(['toString', 'constructor']);
  });
});

describe('the first attempt', () => {
  it('writes all groups that the event names, and none other', () => {
    const { command, input } = single(plan({ set: { name: 'n', email: undefined, size: 1 } }));
    expect({ command, TableName: input.TableName, returns: input.ReturnValuesOnConditionCheckFailure }).toEqual({ command: 'update', TableName: 't', returns: 'ALL_OLD' });
    const older = (oplock: string, tie: string): string => `(attribute_not_exists(${oplock}) OR ${oplock} < ${T} OR (${oplock} = ${T} AND ${tie} < "event-1"))`;
    expect(spelled(input)).toEqual({
      update: `SET timestamp_profile=${T},oplockTie_profile="event-1",name="n",timestamp=${T},oplockTie="event-1",size=1 REMOVE deleted,ttl,email`,
      condition: [older('timestamp_deleted', 'oplockTie_deleted'), older('timestamp_profile', 'oplockTie_profile'), older('timestamp', 'oplockTie')].join(' AND '),
    });
  });

  it.each<[string, Omit<WriteRequest, 'key'>, readonly string[]]>([
    ['a group', { set: { street: 's' } }, ['address']],
    ['a group of which something is removed', { remove: ['email'] }, ['profile']],
    ['two groups', { set: { street: undefined, name: 'n' } }, ['profile', 'address']],
    ['the rest', { set: { size: 1 } }, ['rest']],
    ['nothing at all', { set: {} }, ['rest']],
    ['the event\'s own time only', { set: { timestamp: T } }, ['rest']],
    ['the event\'s own time beside a group', { set: { timestamp: T, name: 'n' } }, ['profile']],
  ])('of an event that names %s', (_name, request, names) => {
    expect(plan(request).requires.slice(1).map((one) => (one as { place: Place }).place.name).sort()).toEqual([...names].sort());
  });

  it.each<[string, Omit<WriteRequest, 'key'>, string]>([
    ['another group\'s oplock', { set: { timestamp_profile: T } }, 'set.timestamp_profile'],
    ['the delete\'s oplock', { set: { oplockTie_deleted: 'x' } }, 'set.oplockTie_deleted'],
    ['the mark of a tombstone', { set: { deleted: true } }, 'set.deleted'],
    ['the time to live', { set: { ttl: 1 } }, 'set.ttl'],
    ['the removal of an oplock', { remove: ['timestamp_address'] }, 'remove.timestamp_address'],
    ['anything, with a delete', { set: { reason: 'r' }, tombstone: true }, 'set.reason'],
  ])('refuses %s', (_name, request, path) => {
    expect(thrownBy(() => plan(request))).toMatchObject({ code: 'INVALID_WRITE', details: { path } });
  });

  it('refuses a key that is kept for an oplock', () => {
    expect(thrownBy(() => plan({ set: { name: 'n' } }, OPTIONS, { timestamp_profile: 'k' }))).toMatchObject({ code: 'INVALID_WRITE', details: { path: 'key.timestamp_profile' } });
  });

  it('of a delete is a tombstone, if every group is older', () => {
    const { command, input } = single(plan({ tombstone: true, set: { name: undefined, timestamp: T } }));
    expect(command).toBe('put');
    expect(input).toMatchObject({
      Item: { pk: 'a', timestamp: T, oplockTie: 'event-1', timestamp_deleted: T, oplockTie_deleted: 'event-1', deleted: true, ttl: TTL },
      ConditionExpression: expect.stringMatching(/^\(attribute_not_exists\(#0\) OR #0 < :0 OR \(#0 = :0 AND #1 < :1\)\) AND \(.*#3 <= :1\)\) AND \(.*#5 <= :1\)\) AND \(.*#7 <= :1\)\)$/),
    });
  });

  it('fits what DynamoDB takes, with as many groups as there may be', () => {
    const groups = Object.fromEntries(Array.from({ length: 20 }, (_unused, i) => [`g${i}`, [`a${i}`]]));
    const set = Object.fromEntries(Array.from({ length: 20 }, (_unused, i) => [`a${i}`, 1]));
    const { input } = single(plan({ set: { ...set, other: 1 } }, { groups }));
    const condition = input.ConditionExpression ?? '';
    expect(condition.length).toBeLessThan(4096);
    expect(condition.match(/attribute_not_exists|AND|OR|<|=/g)?.length).toBeLessThan(300);
    expect(thrownBy(() => single(plan({ set: Object.fromEntries(Array.from({ length: 600 }, (_unused, i) => [`x${i}`, 1])) })))).toMatchObject({ code: 'INVALID_WRITE' });
  });
});

describe('after a refusal', () => {
  const update = plan({ set: { name: 'n', street: 's' } });
  const deletion = plan({ tombstone: true });
  const newerProfile = { timestamp_profile: T + 5, oplockTie_profile: 'a' };

  it.each<[string, Attempt, Record<string, unknown> | undefined, unknown]>([
    ['nothing is there', update, undefined, { kind: 'passes', reason: 'the item does not exist' }],
    ['nothing is there to delete', deletion, undefined, { kind: 'passes', reason: 'the item does not exist' }],
    ['everything is older', update, { timestamp_profile: T - 1 }, { kind: 'passes', reason: 'the stored oplocks are older than the event' }],
    ['everything to delete is older', deletion, { timestamp: T - 1 }, { kind: 'passes', reason: 'the stored oplocks are older than the delete' }],
    ['all groups are newer', update, { ...newerProfile, timestamp_address: T + 9 }, { kind: 'stale', behindMs: 9 }],
    ['the event is there', update, { timestamp_profile: T, oplockTie_profile: 'event-1', timestamp_address: T, oplockTie_address: 'event-1' }, { kind: 'duplicate' }],
    ['the event is there, in part overtaken', update, { ...newerProfile, timestamp_address: T, oplockTie_address: 'event-1' }, { kind: 'duplicate' }],
    ['a newer delete is there', update, { timestamp_deleted: T + 3, timestamp_profile: T + 4 }, { kind: 'tombstoned', behindMs: 3 }],
    ['a delete of the very oplock is there', update, { timestamp_deleted: T, oplockTie_deleted: 'event-1' }, { kind: 'duplicate' }],
    ['a newer delete is there, for a delete', deletion, { timestamp_deleted: T, oplockTie_deleted: 'event-2' }, { kind: 'tombstoned', behindMs: 0 }],
    ['this delete is there, and the item back', deletion, { timestamp_deleted: T, oplockTie_deleted: 'event-1', ...newerProfile }, { kind: 'duplicate' }],
    ['a group is of another type', update, { timestamp_profile: 'text' }, { kind: 'mismatch', reason: '"timestamp_profile" holds a string, the event\'s oplock is a number' }],
    ['the delete is of another type', update, { timestamp_deleted: null }, { kind: 'mismatch', reason: '"timestamp_deleted" holds NULL, the event\'s oplock is a number' }],
    ['a group to delete is of another type', deletion, { timestamp_address: true }, { kind: 'mismatch', reason: '"timestamp_address" holds a boolean, the event\'s oplock is a number' }],
  ])('when %s', (_name, attempt, item, verdict) => {
    expect(afterRefusal(attempt, item)).toEqual(verdict);
  });

  it('leaves alone a group of the same time that has no tie: whoever came first stays', () => {
    const next = afterRefusal(update, { timestamp_profile: T }) as Attempt;
    expect(droppedOf(next)).toEqual({ profile: { kind: 'stale', behindMs: 0 } });
    const narrowed = afterRefusal(deletion, { timestamp_profile: T, name: 'n' }) as Attempt;
    expect({ dropped: droppedOf(narrowed), kept: !narrowed.remove.includes('name') }).toEqual({ dropped: { profile: { kind: 'stale', behindMs: 0 } }, kept: true });
  });

  it('narrows again until nothing is left', () => {
    const three = plan({ set: { name: 'n', street: 's', size: 1 } });
    const two = afterRefusal(three, newerProfile) as Attempt;
    expect(two.set).toEqual({ street: 's', timestamp_address: T, oplockTie_address: 'event-1', size: 1, timestamp: T, oplockTie: 'event-1' });
    const one = afterRefusal(two, { ...newerProfile, timestamp: T, oplockTie: 'event-1' }) as Attempt;
    expect(droppedOf(one)).toEqual({ profile: { kind: 'stale', behindMs: 5 }, rest: { kind: 'duplicate' } });
    expect(afterRefusal(one, { timestamp_deleted: T + 1 })).toEqual({ kind: 'tombstoned', behindMs: 1 });
  });

  it('has no milliseconds to tell where sequences are the oplock', () => {
    const options: OplockOptions = { ...OPTIONS, by: 'sequence' };
    const next = afterRefusal(plan({ set: { name: 'n', street: 's' } }, options), { timestamp_profile: '099:1' }) as Attempt;
    expect(droppedOf(next)).toEqual({ profile: { kind: 'stale' } });
    expect(afterRefusal(plan({ set: { name: 'n' } }, options), { timestamp_profile: '099:1' })).toEqual({ kind: 'stale' });
  });

  const stored = { pk: 'a', ...newerProfile, name: 'n', street: 's', timestamp_address: T - 1, oplockTie_address: 'x', size: 1, timestamp: T - 2, oplockTie: 'y', unknown: 2 };
  it('deletes exactly the groups that are older, and of the rest what is there', () => {
    const { command, input } = single(afterRefusal(deletion, stored) as Attempt);
    const names = input.ExpressionAttributeNames ?? {};
    const [, removed = ''] = /REMOVE (.*)$/.exec((command === 'update' && input.UpdateExpression) || '') ?? [];
    expect(removed.split(',').map((placeholder) => names[placeholder]).sort()).toEqual(['deleted', 'oplockTie_address', 'size', 'street', 'timestamp_address', 'ttl', 'unknown']);
    expect(input).toMatchObject({ Key: KEY });
    expect(spelled(input).condition).toContain(`(timestamp = ${T - 2} AND oplockTie = "y")`);
  });

  it('keeps the rest, with all that is in no group, when that is newer', () => {
    const { remove, set, requires } = afterRefusal(deletion, { ...stored, timestamp: T + 1, timestamp_profile: T - 9 }) as Attempt;
    expect([...remove].sort()).toEqual(['deleted', 'email', 'name', 'oplockTie_address', 'oplockTie_profile', 'street', 'timestamp_address', 'timestamp_profile', 'ttl']);
    expect(set).toEqual({ timestamp_deleted: T, oplockTie_deleted: 'event-1' });
    expect(requires.map((one) => [(one as { place: Place }).place.name, one.is])).toEqual([['the newest delete', 'older'], ['profile', 'notNewer'], ['address', 'notNewer'], ['rest', 'there']]);
  });

  it('makes a tombstone after all when what was newer has gone', () => {
    const narrowed = afterRefusal(deletion, stored) as Attempt;
    for (const item of [undefined, { pk: 'a' }, { pk: 'a', timestamp: T - 1 }]) expect(afterRefusal(narrowed, item)).toMatchObject({ how: 'put', results: [{ kind: 'applied' }] });
  });
});

test('an event that was narrowed in one part and applied in another is narrowed', () => {
  const narrowed: Outcome = { kind: 'narrowed', dropped: { rest: { kind: 'stale' } } };
  expect(combineOutcomes([{ kind: 'applied' }, narrowed, { kind: 'stale' }])).toBe(narrowed);
  expect(combineOutcomes([narrowed, { kind: 'retry', reason: 'held' }]).kind).toBe('retry');
  expect(OUTCOME_KINDS).toContain('narrowed');
});
