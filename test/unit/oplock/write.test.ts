import { NumberValue } from '@aws-sdk/lib-dynamodb';
import type { OplockOptions, WriteRequest } from '../../../src/oplock/write';
import { planned, rendered } from '../../support/plans';
import { NOW, T, thrownBy, uowOf } from './uow';

const plan = (request: unknown, options?: OplockOptions, uow = uowOf()) => planned(request as WriteRequest, uow, options);
const key = { pk: 'a', sk: 'thing' };

describe('an update', () => {
  test('carries time and event id, and revives a deleted item', () => {
    expect(plan({ key, set: { name: 'n', gone: undefined, none: null }, remove: ['old'] })).toEqual({
      kind: 'update',
      eventId: 'event-1',
      key,
      set: { name: 'n', none: null },
      remove: ['gone', 'old', 'deleted', 'ttl'],
      oplock: { at: T, tie: 'event-1' },
      bytes: ['timestamp', 'oplockTie', 'event-1', ...Object.entries(key).flat(), 'name', 'n', 'none'].join('').length,
    });
  });

  test('an error names its place, whatever sound values came before it', () => {
    const sound = { map: { inner: [1, { deep: new Set(['x']) }] }, list: [[], {}], set: new Set([1, 2]) };
    expect(thrownBy(() => plan({ key, set: { a: { ...sound, bad: [sound, { when: new Date(0) }] } } }))).toMatchObject({ code: 'INVALID_WRITE', details: { path: 'set.a.bad[1].when' } });
  });

  test('does not remove the marks that it sets itself', () => {
    const write = plan({ key, set: { deleted: true, ttl: 5 } });
    expect(write.set).toEqual({ deleted: true, ttl: 5 });
    expect(write.remove).toEqual([]);
  });

  test('an empty set removes the attribute', () => {
    expect(plan({ key, set: { tags: new Set() } })).toMatchObject({ set: {}, remove: ['tags', 'deleted', 'ttl'] });
  });

  test('may name the oplock with its own value', () => {
    const write = plan({ key, set: { timestamp: T, oplockTie: 'event-1', name: 'n' } });
    expect(Object.keys(write.set)).toEqual(['name']);
  });

  test('`tombstone: false` is an update', () => {
    expect(plan({ key, tombstone: false }).kind).toBe('update');
  });

  test('the same attribute may be removed twice over', () => {
    expect(plan({ key, set: { a: undefined }, remove: ['a', 'a', 'ttl'] }).remove).toEqual(['a', 'ttl', 'deleted']);
  });

  test('does not share its values with the request', () => {
    const address = { lines: ['one'] };
    const write = plan({ key, set: { address } });
    address.lines.push('two');
    expect(write.set).toEqual({ address: { lines: ['one'] } });
  });
});

describe('a tombstone', () => {
  test('keeps what `set` names and nothing else', () => {
    expect(plan({ key, set: { reason: 'gdpr', x: undefined }, remove: ['y'], tombstone: true })).toMatchObject({ kind: 'tombstone', set: { reason: 'gdpr' }, remove: [] });
  });

  test.each<[string, WriteRequest['tombstone'], OplockOptions | undefined, number]>([
    ['400 days by default', true, undefined, 400], ['as the options say', true, { keepForDays: 30 }, 30], ['as it says itself', { keepForDays: 1 }, { keepForDays: 30 }, 1], ['an empty object', {}, undefined, 400],
  ])('stays %s', (_, tombstone, options, days) => {
    expect(plan({ key, tombstone }, options).expiresAt).toBe(NOW / 1000 + days * 86_400);
  });

  test('counts from the event when that is later than now', () => {
    const later = NOW + 86_400_999;
    expect(plan({ key, tombstone: true }, undefined, uowOf({ timestamp: later })).expiresAt).toBe(Math.floor(later / 1000) + 400 * 86_400);
  });

  test.each([[0], [-1], [NaN], [Infinity], ['7'], [1e9]])('keepForDays %p is refused', (keepForDays) => {
    expect(thrownBy(() => plan({ key, tombstone: { keepForDays } }))).toMatchObject({ code: 'INVALID_WRITE', details: { path: 'tombstone.keepForDays' } });
  });

  test.each(['deleted', 'ttl', '__proto__'])('cannot be given %s', (name) => {
    expect(thrownBy(() => plan({ key, set: JSON.parse(`{"${name}":false}`), tombstone: true })).code).toBe('INVALID_WRITE');
  });
});

describe('the oplock', () => {
  const sequence = uowOf().origin.sequence;

  test('is the sequence where asked for', () => {
    expect(plan({ key }, { by: 'sequence' }).oplock).toEqual({ at: sequence, tie: 'event-1' });
    expect(plan({ key }, { by: 'sequence', tie: 'sequence' }).oplock).toEqual({ at: sequence, tie: sequence });
    expect(plan({ key }, { tie: (uow) => `${uow.event.type}/${uow.event.id}` }).oplock).toEqual({ at: T, tie: 'thing-updated/event-1' });
  });

  test('is never a time of second precision', () => {
    const uow = uowOf({}, { clock: 'stream-second' });
    const error = thrownBy(() => plan({ key }, undefined, uow));
    expect(error.code).toBe('SECOND_PRECISION');
    expect(error.message).toContain("oplock: { by: 'sequence' }");
    expect(error.message).toContain('millisecond');
    expect(plan({ key }, { by: 'sequence' }, uow).oplock.at).toBe(sequence);
  });

  test('is not made up where there is no sequence', () => {
    const { sequence: _, ...origin } = uowOf().origin;
    const uow = { ...uowOf(), origin };
    expect(thrownBy(() => plan({ key }, { by: 'sequence' }, uow)).code).toBe('NO_SEQUENCE');
    expect(thrownBy(() => plan({ key }, { tie: 'sequence' }, uow)).code).toBe('NO_SEQUENCE');
    expect(plan({ key }, undefined, uow).oplock.at).toBe(T);
  });

  test.each([[undefined], [NaN], ['1780000000000'], [-1], [2 ** 60], [Infinity]])('is not the time %p', (timestamp) => {
    expect(thrownBy(() => plan({ key }, undefined, uowOf({ timestamp: timestamp as number }))).code).toBe('INVALID_WRITE');
  });

  test.each([[undefined], [''], [7], ['x'.repeat(1025)], ['\ud83d']])('has no tie %p', (id) => {
    expect(thrownBy(() => plan({ key }, undefined, uowOf({ id: id as string }))).code).toBe('INVALID_WRITE');
    expect(thrownBy(() => plan({ key }, { tie: () => id as string })).code).toBe('INVALID_WRITE');
  });

  test('its attributes can be named', () => {
    const options = { attribute: 'v', tieAttribute: 'e', deletedAttribute: 'd', ttlAttribute: 'x' };
    expect(plan({ key: { pk: 'a', timestamp: 5 } }, options)).toMatchObject({ remove: ['d', 'x'] });
    const { input } = rendered(plan({ key: { pk: 'a' } }, options), 't', options);
    expect(Object.values(input.ExpressionAttributeNames ?? {})).toEqual(['v', 'e', 'd', 'x']);
  });

  test.each<OplockOptions>([{ attribute: '' }, { attribute: 'ttl' }, { tieAttribute: 'timestamp' }, { ttlAttribute: '__proto__' }, { attribute: 5 as unknown as string }])('%j is refused', (options) => {
    expect(thrownBy(() => plan({ key }, options)).code).toBe('INVALID_OPTION');
  });
});

describe('refused, with the place named', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });

  test.each<[string, unknown, string]>([
    ['no key', {}, 'key'], ['an empty key', { key: {} }, 'key'], ['a key of three', { key: { a: 1, b: 2, c: 3 } }, 'key'], ['a key that is text', { key: 'a' }, 'key'],
    ['an undefined key value', { key: { pk: undefined } }, 'key.pk'], ['an empty key value', { key: { pk: '' } }, 'key.pk'], ['NaN', { key: { pk: NaN } }, 'key.pk'], ['a null key', { key: { pk: null } }, 'key.pk'],
    ['an object', { key: { pk: {} } }, 'key.pk'], ['no bytes', { key: { pk: new Uint8Array() } }, 'key.pk'], ['a long key', { key: { pk: 'x'.repeat(2049) } }, 'key.pk'], ['half a character', { key: { pk: '\ud83d' } }, 'key.pk'],
    ['__proto__ as key', { key: JSON.parse('{"__proto__":"a"}') }, 'key.__proto__'], ['the oplock as key', { key: { pk: 'a', timestamp: 1 } }, 'key.timestamp'],
    ['set of a key attribute', { key, set: { sk: 'thing' } }, 'set.sk'], ['remove of a key attribute', { key, remove: ['pk'] }, 'remove[0]'], ['both', { key, set: { a: 1 }, remove: ['b', 'a'] }, 'remove[1]'],
    ['another oplock', { key, set: { timestamp: T + 1 } }, 'set.timestamp'], ['another tie', { key, set: { oplockTie: 'x' } }, 'set.oplockTie'], ['no oplock', { key, set: { timestamp: undefined } }, 'set.timestamp'],
    ['the oplock removed', { key, remove: ['timestamp'] }, 'remove[0]'], ['the tie removed', { key, remove: ['oplockTie'] }, 'remove[0]'],
    ['an empty name', { key, set: { '': 1 } }, 'set[""]'], ['a huge name', { key, set: { [`${'n'.repeat(65_536)}`]: 1 } }, `set["${'n'.repeat(60)}…"]`], ['a name that is no text', { key, remove: [1] }, 'remove[0]'],
    ['set as array', { key, set: [1] }, 'set'], ['remove as text', { key, remove: 'a' }, 'remove'], ['tombstone as text', { key, tombstone: 'yes' }, 'tombstone'],
    ['a function', { key, set: { a: () => 1 } }, 'set.a'], ['a symbol', { key, set: { a: { b: Symbol('x') } } }, 'set.a.b'], ['NaN', { key, set: { a: [1, NaN] } }, 'set.a[1]'], ['Infinity', { key, set: { a: -Infinity } }, 'set.a'],
    ['a Date', { key, set: { a: { when: new Date() } } }, 'set.a.when'], ['a Map', { key, set: { a: new Map() } }, 'set.a'], ['a class', { key, set: { a: new URL('http://x') } }, 'set.a'], ['floats', { key, set: { a: new Float64Array(1) } }, 'set.a'],
    ['undefined in a list', { key, set: { a: [1, undefined] } }, 'set.a[1]'], ['a hole in a list', { key, set: { a: Array(1) } }, 'set.a[0]'],
    ['__proto__', { key, set: JSON.parse('{"__proto__":{"isAdmin":true}}') }, 'set.__proto__'], ['an inner __proto__', { key, set: { a: JSON.parse('{"b":{"__proto__":{"x":1}}}') } }, 'set.a.b.__proto__'], ['an inner empty name', { key, set: { a: { '': 1 } } }, 'set.a[""]'],
    ['an inner empty set', { key, set: { a: [new Set()] } }, 'set.a[0]'], ['a mixed set', { key, set: { a: new Set([1, 'a']) } }, 'set.a'], ['a set of NaN', { key, set: { a: new Set([NaN]) } }, 'set.a[0]'],
    ['an unsafe integer', { key, set: { a: 2 ** 60 } }, 'set.a'], ['39 digits', { key, set: { a: BigInt('1'.repeat(39)) } }, 'set.a'], ['a tiny number', { key, set: { a: 1e-131 } }, 'set.a'], ['a huge one', { key, set: { a: 10n ** 126n } }, 'set.a'],
    ['33 levels', { key, set: { a: nested(33) } }, `set.a${'.a'.repeat(32)}`],
  ])('%s', (_, request, path) => {
    const error = thrownBy(() => plan(request));
    expect(error).toMatchObject({ code: 'INVALID_WRITE', details: { path } });
    expect(error.message.startsWith(`${path}: `)).toBe(true);
  });

  test.each([[undefined], [null], ['x'], [[]]])('a write that is %p', (request) => {
    expect(thrownBy(() => plan(request)).code).toBe('INVALID_WRITE');
  });

  test('unsafe integers are told of bigint', () => {
    expect(thrownBy(() => plan({ key, set: { a: 2 ** 60 } })).message).toContain('bigint');
  });

  test('no payload in the message', () => {
    const error = thrownBy(() => plan({ key, set: { a: { secret: { password: 'hunter2', bad: () => 1 } } } }));
    expect(`${error.message} ${JSON.stringify(error.details)}`).not.toContain('hunter2');
  });
});

describe('accepted', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });

  test.each<[string, unknown]>([
    ['32 levels', nested(32)], ['bigint', 2n ** 100n], ['a long decimal', NumberValue.from('1.00000000000000000000000000000000001')], ['the greatest number', NumberValue.from('9.9E125')], ['binary', Buffer.from('x')], ['an empty string', ''],
    ['names of all kinds', { '#': 1, ':v': 1, 'a.b': 1, '"': 1, '😀': 1, toString: 1, hasOwnProperty: 1 }], ['numbers', [0, -0, 0.1, -1e-7, Number.MAX_SAFE_INTEGER]],
  ])('%s', (_, value) => {
    expect(plan({ key, set: { a: value } }).set['a']).toEqual(value);
  });

  test('an inner undefined is dropped', () => {
    const write = plan({ key, set: { a: { b: undefined, c: [{ d: undefined }] } } });
    expect(Object.keys(write.set['a'] as object)).toEqual(['c']);
    expect((write.set['a'] as { c: object[] }).c.map((one) => Object.keys(one))).toEqual([[]]);
  });

  test('an inner `constructor` survives as a Map', () => {
    const write = plan({ key, set: { a: JSON.parse('{"constructor":{"name":"Set"},"x":1}') } });
    expect(write.set['a']).toEqual(new Map<string, unknown>([['constructor', { name: 'Set' }], ['x', 1]]));
  });

  test('names of Object\'s own members are names like others', () => {
    const write = plan({ key, set: JSON.parse('{"constructor":1,"toString":2,"hasOwnProperty":3}'), remove: ['__proto__'] });
    expect(write.set).toEqual({ constructor: 1, toString: 2, hasOwnProperty: 3 });
    expect(write.remove).toContain('__proto__');
  });

  test('a set of mixed number types begins with one that the client can convert all by', () => {
    const { ids } = plan({ key, set: { ids: new Set([1, 2n ** 60n]) } }).set as { ids: Set<unknown> };
    expect([...ids]).toEqual([2n ** 60n, 1]);
  });
});

describe('size', () => {
  test('beyond 400 KB there is no sense in sending', () => {
    expect(thrownBy(() => plan({ key, set: { a: 'x'.repeat(409_600) } })).code).toBe('ITEM_TOO_LARGE');
    expect(thrownBy(() => plan({ key, set: { a: new Uint8Array(409_600) } })).code).toBe('ITEM_TOO_LARGE');
    expect(thrownBy(() => plan({ key, set: { a: '😀'.repeat(102_400) } })).code).toBe('ITEM_TOO_LARGE');
    expect(thrownBy(() => plan({ key, set: { a: Array.from({ length: 500_000 }, () => '') } })).code).toBe('ITEM_TOO_LARGE');
  });

  test('what just fits is sent', () => {
    const known = 'pkaskthing'.length + 'a'.length + 'timestamp'.length + 'oplockTieevent-1'.length;
    expect(plan({ key, set: { a: 'x'.repeat(409_600 - known) } }).kind).toBe('update');
    expect(thrownBy(() => plan({ key, set: { a: 'x'.repeat(409_601 - known) } })).code).toBe('ITEM_TOO_LARGE');
  });

  test('an object that contains itself, or another a billion times, ends', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(thrownBy(() => plan({ key, set: { cycle } })).code).toBe('INVALID_WRITE');
    let wide: unknown = 1;
    for (let i = 0; i < 30; i += 1) wide = { a: wide, b: wide };
    expect(thrownBy(() => plan({ key, set: { wide } })).code).toBe('ITEM_TOO_LARGE');
  });
});
