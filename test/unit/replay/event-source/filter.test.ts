import { filter } from '../../../../src/replay/event-source/filter/criteria';

const one = (pattern: unknown) => filter({ filters: [{ pattern: JSON.stringify(pattern) }] });
const event = {
  eventName: 'INSERT',
  none: null, yes: true, empty: '', count: 7, price: 3e2, name: 'Seat-12.PNG', path: 'dir/a/b.png', star: 'a*b',
  tags: ['new', 'cheap'], lines: [{ sku: 'x', n: 1 }, { sku: 'y', n: 2 }], nested: { a: { b: 'c' } }, list: [],
};

describe('a filter pattern', () => {
  it.each([
    ['text', { eventName: ['INSERT'] }],
    ['one of several', { eventName: ['MODIFY', 'INSERT'] }],
    ['all fields', { eventName: ['INSERT'], yes: [true], none: [null], empty: [''] }],
    ['number', { price: [300] }],
    ['nested', { nested: { a: { b: ['c'] } } }],
    ['a value of a list', { tags: ['cheap'] }],
    ['an object of a list', { lines: { sku: ['y'] } }],
    ['prefix', { name: [{ prefix: 'Seat-' }] }],
    ['prefix without case', { name: [{ prefix: { 'equals-ignore-case': 'sEAT' } }] }],
    ['suffix', { path: [{ suffix: '.png' }] }],
    ['suffix without case', { name: [{ suffix: { 'equals-ignore-case': '.png' } }] }],
    ['equals without case', { eventName: [{ 'equals-ignore-case': 'insert' }] }],
    ['wildcard', { path: [{ wildcard: 'dir/*.png' }] }],
    ['wildcard with an escaped star', { star: [{ wildcard: 'a\\*b' }] }],
    ['wildcard of nothing', { eventName: [{ wildcard: 'INSERT*' }] }],
    ['anything but a text', { eventName: [{ 'anything-but': 'REMOVE' }] }],
    ['anything but several', { eventName: [{ 'anything-but': ['REMOVE', 'MODIFY'] }] }],
    ['anything but a number', { count: [{ 'anything-but': [8, 9] }] }],
    ['anything but a prefix', { name: [{ 'anything-but': { prefix: 'Row' } }] }],
    ['anything but wildcards', { path: [{ 'anything-but': { wildcard: ['*/c/*', '*.gif'] } }] }],
    ['exactly', { count: [{ numeric: ['=', 7] }] }],
    ['a range', { count: [{ numeric: ['>', 0, '<=', 7] }] }],
    ['there', { eventName: [{ exists: true }] }],
    ['there, as null', { none: [{ exists: true }] }],
    ['not there', { nobody: [{ exists: false }] }],
    ['not there, deep down', { nobody: { at: { all: [{ exists: false }] } } }],
    ['not there or false', { nobody: [{ exists: false }, false] }],
    ['an object is no leaf', { nested: [{ exists: false }] }],
    ['$or', { $or: [{ eventName: ['REMOVE'] }, { count: [{ numeric: ['>', 5] }] }] }],
    ['$or and a field', { yes: [true], $or: [{ count: [1] }, { count: [7] }] }],
    ['$or further down', { nested: { $or: [{ a: { b: ['x'] } }, { a: { b: ['c'] } }] } }],
  ])('%s: matches', (_name, pattern) => {
    expect(one(pattern)(event)).toBe(true);
  });

  it.each([
    ['another text', { eventName: ['insert'] }],
    ['one field of two', { eventName: ['INSERT'], yes: [false] }],
    ['text for a number', { count: ['7'] }],
    ['null for what is not there', { nobody: [null] }],
    ['no value of the list', { tags: ['old'] }],
    ['fields of two objects of a list', { lines: { sku: ['x'], n: [2] } }],
    ['prefix', { name: [{ prefix: 'seat-' }] }],
    ['suffix of a number', { count: [{ suffix: '7' }] }],
    ['wildcard of a part only', { path: [{ wildcard: 'a/*' }] }],
    ['a dot in a wildcard is a dot', { path: [{ wildcard: 'dir/a/b?png' }] }],
    ['anything but it', { eventName: [{ 'anything-but': ['INSERT'] }] }],
    ['anything but, and nothing is there', { nobody: [{ 'anything-but': 'x' }] }],
    ['anything but its suffix', { path: [{ 'anything-but': { suffix: '.png' } }] }],
    ['outside of the range', { count: [{ numeric: ['>', 7, '<', 9] }] }],
    ['a number as text', { eventName: [{ numeric: ['>', 0] }] }],
    ['there', { eventName: [{ exists: false }] }],
    ['not there', { nobody: [{ exists: true }] }],
    ['an empty list', { list: [{ exists: true }] }],
    ['an object is no leaf', { nested: [{ exists: true }] }],
    ['no part of $or', { $or: [{ eventName: ['REMOVE'] }, { count: [8] }] }],
    ['what an object inherits', { toString: [{ exists: true }] }],
  ])('%s: does not match', (_name, pattern) => {
    expect(one(pattern)(event)).toBe(false);
  });

  it.each([
    ['an unknown operator', { a: [{ cidr: '10.0.0.0/8' }] }, /cidr.*one of the operators/],
    ['a name that every object has', { a: [{ toString: 'x' }] }, /toString.*one of the operators/],
    ['two operators', { a: [{ prefix: 'x', suffix: 'y' }] }, /at a\..*one operator/],
    ['a value that is no list', { a: { b: 'c' } }, /"c" at a\.b/],
    ['an empty list', { a: [] }, /at a\..*at least one value/],
    ['an empty pattern', {}, /at its top/],
    ['a list', ['a'], /at its top/],
    ['a prefix of a number', { a: [{ prefix: 7 }] }, /at a\.prefix/],
    ['half a range', { a: [{ numeric: ['>'] }] }, /a\.numeric.*comparison/],
    ['a range of three', { a: [{ numeric: ['>', 1, '<', 5, '=', 3] }] }, /a\.numeric/],
    ['a sign that is none', { a: [{ numeric: ['!=', 1] }] }, /a\.numeric/],
    ['an exists of text', { a: [{ exists: 'yes' }] }, /true or false/],
    ['an operator that anything-but has not', { a: [{ 'anything-but': { numeric: ['>', 1] } }] }, /inside anything-but/],
    ['anything but true', { a: [{ 'anything-but': true }] }, /anything-but/],
    ['$or of one pattern', { $or: { a: [1] } }, /list of patterns/],
  ])('%s is refused at once', (_name, pattern, message) => {
    expect(() => one(pattern)).toThrow(expect.objectContaining({ code: 'FILTER_INVALID', message: expect.stringMatching(message) }));
  });

  it('that is not JSON is refused at once', () => {
    expect(() => filter({ filters: [{ pattern: '{a: 1}' }] })).toThrow(expect.objectContaining({ code: 'FILTER_INVALID' }));
  });
});

describe('filter criteria', () => {
  it('want everything when there are none', () => {
    expect(filter(undefined)({})).toBe(true);
    expect(filter({ filters: [] })({})).toBe(true);
  });

  it('want what any pattern matches', () => {
    const wanted = filter({ filters: [{ pattern: '{"a":[1]}' }, { pattern: '{"b":[2]}' }] });
    expect([{ a: 1 }, { b: 2 }, { a: 2, b: 1 }].map(wanted)).toEqual([true, true, false]);
  });

  it('refuse data that is no JSON where fields of it are asked for, even for fields that must not be there', () => {
    const wanted = one({ data: { latched: [{ exists: false }] } });
    expect([{ data: { id: 1 } }, { data: { latched: true } }, { data: 'plain text' }, { data: 7 }].map(wanted)).toEqual([true, false, false, false]);
    expect(one({ data: ['plain text'] })({ data: 'plain text' })).toBe(true);
  });

  it('refuse what Lambda does not filter by', () => {
    const criteria = (pattern: unknown) => ({ filters: [{ pattern: JSON.stringify(pattern) }] });
    expect(filter(criteria({ data: { a: [1] }, $or: [{ data: { b: [1] } }, { data: { b: [2] } }] }), ['data'])({ data: { a: 1, b: 2 } })).toBe(true);
    for (const pattern of [{ partitionKey: ['k'] }, { data: ['x'], $or: [{ data: ['x'] }, { partitionKey: ['k'] }] }]) {
      expect(() => filter(criteria(pattern), ['data'])).toThrow(expect.objectContaining({ code: 'FILTER_INVALID', message: expect.stringMatching(/partitionKey.*data only/) }));
    }
  });
});
