import { marshall, NumberValueImpl as NumberValue } from '@aws-sdk/util-dynamodb';
import { fromAttributeMap, fromAttributeValue } from '../../src/attribute-value';
import { isOplockStreamError, type OplockStreamError } from '../../src/errors';

const failure = (run: () => unknown): OplockStreamError => {
  try {
    run();
  } catch (error) {
    if (isOplockStreamError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('fromAttributeValue', () => {
  it('reads the scalar types', () => {
    expect(fromAttributeMap({ s: { S: 'x' }, e: { S: '' }, t: { BOOL: true }, f: { BOOL: false }, n: { NULL: true }, i: { N: '42' } }))
      .toEqual({ s: 'x', e: '', t: true, f: false, n: null, i: 42 });
  });

  it.each([
    ['0', 0], ['-0', 0], ['-7', -7], ['1.5', 1.5], ['0.1', 0.1], ['1E+2', 100], ['15e-1', 1.5], ['007', 7], ['.5', 0.5],
    ['9007199254740991', Number.MAX_SAFE_INTEGER], ['-9007199254740991', Number.MIN_SAFE_INTEGER],
    // seventeen digits, and yet a double prints as exactly these
    ['0.30000000000000004', 0.1 + 0.2], ['1E-130', 1e-130], ['123456789.123456', 123456789.123456],
  ])('N %s is a number', (text, expected) => {
    expect(fromAttributeValue({ N: text })).toBe(expected);
  });

  it.each([
    ['9007199254740993', 9007199254740993n], ['-9007199254740993', -9007199254740993n],
    ['99999999999999999999999999999999999999', 99999999999999999999999999999999999999n],
    ['1E+125', 10n ** 125n], ['100000000000000000000', 10n ** 20n],
  ])('N %s is a bigint', (text, expected) => {
    expect(fromAttributeValue({ N: text })).toBe(expected);
  });

  it('a decimal that a double cannot hold keeps every digit', () => {
    const value = fromAttributeValue({ N: '0.12345678901234567890123456789012345678' });
    expect(value).toBeInstanceOf(NumberValue);
    expect(String(value)).toBe('0.12345678901234567890123456789012345678');
  });

  it('reads binary from stream records and from SDK answers alike', () => {
    const fromText = fromAttributeValue({ B: 'AAH/' });
    expect(fromText).toEqual(new Uint8Array([0, 1, 255]));
    expect(fromAttributeValue({ B: new Uint8Array([0, 1, 255]) })).toEqual(fromText);
    expect(fromAttributeValue({ BS: ['AAH/', 'Ag=='] })).toEqual(new Set([new Uint8Array([0, 1, 255]), new Uint8Array([2])]));
    expect((fromText as Uint8Array).buffer.byteLength).toBe(3);
  });

  it('reads sets, and number sets in a form that the SDK can write back', () => {
    expect(fromAttributeValue({ SS: ['a', 'b'] })).toEqual(new Set(['a', 'b']));
    expect(fromAttributeValue({ NS: ['1', '2.5'] })).toEqual(new Set([1, 2.5]));
    const mixed = fromAttributeMap({ big: { NS: ['1', '9007199254740993'] }, fine: { NS: ['1', '9007199254740993', '0.12345678901234567890123'] } });
    expect(mixed['big']).toEqual(new Set([1n, 9007199254740993n]));
    expect(marshall(mixed)).toEqual({
      big: { NS: ['1', '9007199254740993'] },
      fine: { NS: ['1', '9007199254740993', '0.12345678901234567890123'] },
    });
  });

  it('reads documents', () => {
    expect(fromAttributeValue({ M: { list: { L: [{ N: '1' }, { M: { deep: { S: 'x' } } }] } } })).toEqual({ list: [1, { deep: 'x' }] });
  });

  it('reads what the SDK marshals', () => {
    const item = { s: 'x', n: 1.25, big: 2n ** 70n, list: [1, null, true], map: { a: { b: [] } }, set: new Set(['a']), bytes: new Uint8Array([9]) };
    expect(fromAttributeMap(marshall(item))).toEqual(item);
  });

  it('keeps hostile names as own properties and touches no prototype', () => {
    const hostile: unknown = JSON.parse('{"__proto__":{"M":{"polluted":{"BOOL":true}}},"constructor":{"S":"c"},"m":{"M":{"__proto__":{"N":"1"}}},"a#b:c.d\\"😀":{"S":"odd"}}');
    const item = fromAttributeMap(hostile as Record<string, unknown>);
    expect(Object.keys(item)).toEqual(['__proto__', 'constructor', 'm', 'a#b:c.d"😀']);
    expect(Object.getPrototypeOf(item)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(item, '__proto__')?.value).toEqual({ polluted: true });
    expect(Object.getOwnPropertyDescriptor(item['m'], '__proto__')?.value).toBe(1);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each<[string, unknown, string, string]>([
    ['an unknown tag', { a: { X: '1' } }, 'a', 'unknown type tag "X"'],
    ['two tags', { a: { S: '1', N: '1' } }, 'a', 'two type tags, "S" and "N"'],
    ['no tag', { a: {} }, 'a', 'without a type tag'],
    ['a plain value', { a: 'text' }, 'a', 'the string "text"'],
    ['null', { a: null }, 'a', 'null'],
    ['N with words', { a: { M: { b: { L: [{ S: '' }, { N: 'NaN' }] } } } }, 'a.b[1]', 'N with the string "NaN"'],
    ['N as a number', { a: { N: 1 } }, 'a', 'N with the number 1'],
    ['N of nothing', { a: { N: '' } }, 'a', 'N with an empty string'],
    ['N of a dot', { a: { N: '.' } }, 'a', 'N with'],
    ['N in hex', { a: { N: '0x10' } }, 'a', 'N with'],
    ['N of infinity', { a: { N: 'Infinity' } }, 'a', 'N with'],
    ['N beyond the range of DynamoDB', { a: { N: '1E+9999' } }, 'a', 'N with'],
    ['N with a member of a set', { a: { NS: ['1', 'x'] } }, 'a[1]', 'N with'],
    ['S with a number', { a: { S: 1 } }, 'a', 'S with the number 1'],
    ['B that is not base64', { a: { B: '*secret*' } }, 'a', 'not base64'],
    ['B without padding', { a: { B: 'AAH' } }, 'a', 'not base64'],
    ['BOOL as text', { a: { BOOL: 'true' } }, 'a', 'BOOL with'],
    ['NULL as text', { a: { NULL: 'x' } }, 'a', 'NULL with'],
    ['L that is no list', { a: { L: {} } }, 'a', 'a list or set with an object'],
    ['M that is no map', { a: { M: [] } }, 'a', 'an array'],
    ['SS with a number', { a: { SS: ['x', 3] } }, 'a[1]', 'S with the number 3'],
  ])('%s is refused with its path', (_, map, path, found) => {
    const error = failure(() => fromAttributeMap(map as Record<string, unknown>));
    expect(error.code).toBe('INVALID_ATTRIBUTE_VALUE');
    expect(error.details['path']).toBe(path);
    expect(error.details['found']).toContain(found);
    expect(error.message).toContain(found);
  });

  it('a map that is none is refused', () => {
    expect(failure(() => fromAttributeMap([] as unknown as Record<string, unknown>)).message).toContain('an array');
    expect(failure(() => fromAttributeValue(undefined)).code).toBe('INVALID_ATTRIBUTE_VALUE');
  });

  it('refuses nesting that would exhaust the stack, and reads what DynamoDB allows', () => {
    const nested = (levels: number): unknown => {
      let value: unknown = { S: 'bottom' };
      for (let i = 0; i < levels; i += 1) value = i % 2 ? { L: [value] } : { M: { a: value } };
      return value;
    };
    expect(JSON.stringify(fromAttributeValue(nested(32)))).toContain('bottom');
    expect(failure(() => fromAttributeValue(nested(100_000))).details['found']).toBe('more than 100 levels of nesting');
  });

  it('ignores tags that an SDK type leaves undefined', () => {
    expect(fromAttributeValue({ S: 'x', N: undefined })).toBe('x');
  });
});
