import { readFile } from 'node:fs/promises';
import { runInNewContext } from 'node:vm';
import { NumberValue } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { toJson } from '../../../src/faults/to-json';

describe('toJson', () => {
  it('gives plain JSON back equal, keys in order', () => {
    fc.assert(fc.property(fc.json(), (text) => {
      const value: unknown = JSON.parse(text);
      expect(JSON.stringify(toJson(value))).toBe(JSON.stringify(value));
    }));
  });

  it('gives JSON for anything, and says the same twice', () => {
    const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withNullPrototype: true, withSparseArray: true, withObjectString: true });
    fc.assert(fc.property(anything, (value) => {
      const json = toJson(value);
      expect(JSON.parse(JSON.stringify(json))).toStrictEqual(json);
      expect(toJson(value)).toStrictEqual(json);
    }));
  });

  it('turns what JSON cannot say into text', () => {
    expect(toJson({
      big: 9007199254740993n, exact: NumberValue.from('3.14159265358979323846'), nan: NaN, inf: -Infinity,
      set: new Set(['a', 1n]), map: new Map<unknown, unknown>([['k', 1], [{ o: 1 }, null]]),
      bytes: Uint8Array.of(104, 105), buffer: Buffer.from('hi'), part: new Uint8Array([0, 104, 105, 0]).subarray(1, 3), raw: Uint8Array.of(104, 105).buffer,
      date: new Date(0), bad: new Date(NaN), regexp: /a/g, fn: () => 1, undef: undefined, list: [undefined, () => 1, Symbol('s')],
    })).toEqual({
      big: '9007199254740993', exact: '3.14159265358979323846', nan: 'NaN', inf: '-Infinity',
      set: ['a', '1'], map: [['k', 1], [{ o: 1 }, null]],
      bytes: 'aGk=', buffer: 'aGk=', part: 'aGk=', raw: 'aGk=',
      date: '1970-01-01T00:00:00.000Z', bad: 'Invalid Date', regexp: '/a/g', list: [null, null, null],
    });
    expect([toJson(undefined), toJson(() => 1)]).toEqual([null, null]);
  });

  it('marks circles but not what merely occurs twice', () => {
    const shared = { a: 1 };
    const circle: Record<string, unknown> = { one: shared, two: shared };
    circle['self'] = { deeper: [circle] };
    expect(toJson(circle)).toEqual({ one: { a: 1 }, two: { a: 1 }, self: { deeper: ['[circular]'] } });
  });

  it('notes what cannot be read', () => {
    const value = { ok: 1, get bad(): never { throw new Error('locked'); }, json: { toJSON: () => { throw new TypeError('never'); } } };
    expect(toJson(value)).toEqual({ ok: 1, bad: '[unreadable: locked]', json: '[unreadable: never]' });
    expect(toJson(new Proxy({}, { ownKeys: () => { throw 'text'; } }))).toBe('[unreadable: text]');
  });

  it('keeps a key __proto__ and changes no prototype', () => {
    const json = toJson(JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'));
    expect(JSON.stringify(json)).toBe('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');
    expect(Object.getPrototypeOf(json)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('stops at nesting that would exhaust the stack', () => {
    const json = JSON.stringify(toJson(JSON.parse('['.repeat(50_000) + ']'.repeat(50_000))));
    expect(json).toContain('[too deep]');
    expect(json.length).toBeLessThan(1_000);
  });

  it('describes errors with their causes and own fields, without response and uow', () => {
    const error = Object.assign(new TypeError('outer', { cause: new RangeError('inner') }), { code: 'E1', extra: 5n, uow: { secret: 1 }, $response: { socket: {} } });
    expect(toJson(error)).toEqual({
      name: 'TypeError', message: 'outer', code: 'E1', stack: error.stack, extra: '5',
      cause: { name: 'RangeError', message: 'inner', stack: (error.cause as Error).stack },
    });
    expect(toJson(new AggregateError([new Error('a')], 'all'))).toMatchObject({ name: 'AggregateError', errors: [{ name: 'Error', message: 'a' }] });
  });

  it('knows values of another realm', async () => {
    const fromNode: unknown = await readFile('/no/such/file').catch((error: unknown) => error);
    expect(toJson(fromNode)).toMatchObject({ name: 'Error', code: 'ENOENT', message: expect.stringContaining('no such file') });
    const foreign: unknown = runInNewContext('[new Map([[1, 2]]), new Set([3]), new Date(0), new TypeError("t"), new Uint8Array([104, 105])]');
    expect(toJson(foreign)).toMatchObject([[[1, 2]], [3], '1970-01-01T00:00:00.000Z', { name: 'TypeError', message: 't' }, 'aGk=']);
    expect(toJson(new DOMException('stopped', 'AbortError'))).toMatchObject({ name: 'AbortError', message: 'stopped' });
  });
});
