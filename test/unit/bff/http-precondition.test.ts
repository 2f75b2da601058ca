import { ABSENT, commandIdOf, etagOf, expectedOf, preconditionOf, PRESENT, versionsOf, type Precondition } from '../../../src/bff';

describe('etagOf', () => {
  it.each([
    [1_700_000_000_000, '"1700000000000"'],
    [0, '"0"'],
    ['v1', '"v1"'],
    ['a,b "c" 100%\\é', '"a%2Cb%20%22c%22%20100%25%5C%C3%A9"'],
  ])('of %j is %s', (version, etag) => {
    expect(etagOf(version)).toBe(etag);
  });

  it.each([NaN, Infinity, '', '\ud800', undefined, null, {}])('refuses %p', (version) => {
    expect(() => etagOf(version as never)).toThrow(expect.objectContaining({ code: 'INVALID_VERSION' }));
  });
});

describe('versionsOf', () => {
  const of = (tag: string) => versionsOf([{ tag, weak: false }]);

  it('takes a number for the number and for its text', () => {
    expect(of('17')).toEqual([17, '17']);
  });

  it('takes no detours: one tag, one spelling', () => {
    expect(of('017')).toEqual(['017']);
    expect(of('1e3')).toEqual(['1e3']);
    expect(of('%31')).toEqual([]);
    expect(of('%zz')).toEqual([]);
    expect(of('')).toEqual([]);
    expect(of('é')).toEqual([]);
  });

  it('takes nothing for a weak one', () => {
    expect(versionsOf([{ tag: '17', weak: true }])).toEqual([]);
  });
});

describe('preconditionOf', () => {
  const tag = (text: string, weak = false) => ({ tag: text, weak });

  it.each<[string, Record<string, string | string[]>, Precondition]>([
    ['one tag', { 'If-Match': '"17"' }, { kind: 'ifMatch', ifMatch: [tag('17')] }],
    ['a star', { 'IF-MATCH': ' * ' }, { kind: 'ifMatch', ifMatch: '*' }],
    ['a list', { 'if-match': '"1" ,\t"2",,W/"3"' }, { kind: 'ifMatch', ifMatch: [tag('1'), tag('2'), tag('3', true)] }],
    ['a comma in a tag', { 'if-match': '"a,b","c"' }, { kind: 'ifMatch', ifMatch: [tag('a,b'), tag('c')] }],
    ['an empty tag', { 'if-match': '""' }, { kind: 'ifMatch', ifMatch: [tag('')] }],
    ['a star in quotes', { 'if-match': '"*"' }, { kind: 'ifMatch', ifMatch: [tag('*')] }],
    ['several lines', { 'if-none-match': ['"1"', 'W/"2"'] }, { kind: 'ifNoneMatch', ifNoneMatch: [tag('1'), tag('2', true)] }],
    ['If-None-Match: *', { 'if-none-match': '*' }, { kind: 'ifNoneMatch', ifNoneMatch: '*' }],
    ['both', { 'if-match': '"1"', 'if-none-match': '*' }, { kind: 'both', ifMatch: [tag('1')], ifNoneMatch: '*' }],
  ])('reads %s', (_what, headers, expected) => {
    expect(preconditionOf(headers)).toEqual(expected);
  });

  it('reads the headers of fetch, and of a Map', () => {
    const headers = new Headers([['If-Match', '"1"'], ['if-match', '"2"']]);
    expect(preconditionOf(headers)).toEqual({ kind: 'ifMatch', ifMatch: [tag('1'), tag('2')] });
    expect(preconditionOf(new Map([['if-match', '"1"']]))).toEqual({ kind: 'ifMatch', ifMatch: [tag('1')] });
  });

  it.each(['17', '"17', '17"', '"1" "2"', '"1"; "2"', 'w/"1"', 'W/ "1"', '*, "1"', '"1", *', '', ' , ', '"a b"', '"a\nb"', '"\x7f"', '"a"b'])('refuses %j', (header) => {
    for (const name of ['if-match', 'if-none-match']) {
      expect(() => preconditionOf({ [name]: header })).toThrow(expect.objectContaining({ code: 'INVALID_PRECONDITION', statusCode: 400 }));
    }
  });

  it('refuses a list without end', () => {
    expect(preconditionOf({ 'if-match': Array(100).fill('"1"') })).toHaveProperty('ifMatch.length', 100);
    expect(() => preconditionOf({ 'if-match': Array(101).fill('"1"') })).toThrow(expect.objectContaining({ code: 'INVALID_PRECONDITION' }));
  });

  it('reads a long and hostile header in no time that grows with its square', () => {
    expect(() => preconditionOf({ 'if-match': `${' ,'.repeat(50_000)}x` })).toThrow(expect.objectContaining({ code: 'INVALID_PRECONDITION' }));
    expect(() => preconditionOf({ 'if-match': `"1"${' '.repeat(100_000)}x` })).toThrow(expect.objectContaining({ code: 'INVALID_PRECONDITION' }));
  });

  it('wants one, unless it is told not to', () => {
    for (const headers of [undefined, {}, { 'if-match': undefined }, { 'if-match': [] }, new Headers(), new Map()]) {
      expect(() => preconditionOf(headers)).toThrow(expect.objectContaining({ code: 'PRECONDITION_REQUIRED', statusCode: 428 }));
      expect(preconditionOf(headers, { required: false })).toEqual({ kind: 'none' });
    }
  });
});

describe('expectedOf', () => {
  const of = (headers: Record<string, string>) => expectedOf(preconditionOf(headers, { required: false }));

  it.each([
    ['any item', { 'if-match': '*' }, PRESENT],
    ['no item', { 'if-none-match': '*' }, ABSENT],
    ['these versions', { 'if-match': '"1", "x"' }, [1, '1', 'x']],
    ['no version there is, when all tags are weak', { 'if-match': 'W/"1"' }, []],
    ['any item, when nothing is asked', {}, PRESENT],
    ['no version there is, when an item shall be there and not be there', { 'if-match': '"1"', 'if-none-match': '*' }, []],
    ['likewise', { 'if-match': '*', 'if-none-match': '*' }, []],
    ['one that is wanted and not unwanted, by weak comparison', { 'if-match': '"a", "b"', 'if-none-match': 'W/"a"' }, ['b']],
  ])('is %s', (_what, headers, expected) => {
    expect(of(headers as unknown as Record<string, string>)).toEqual(expected);
  });

  it('refuses what no command can be told', () => {
    const refused = expect.objectContaining({ code: 'INVALID_PRECONDITION', statusCode: 400 });
    expect(() => of({ 'if-none-match': '"1"' })).toThrow(refused);
    expect(() => of({ 'if-match': '*', 'if-none-match': '"1"' })).toThrow(refused);
    expect(() => expectedOf({ kind: 'ifNoneMatch', ifNoneMatch: '*' }, 'update')).toThrow(refused);
    expect(expectedOf({ kind: 'ifMatch', ifMatch: '*' }, 'upsert')).toBe(PRESENT);
    expect(() => expectedOf({ kind: 'none' }, 'upsert')).toThrow(expect.objectContaining({ code: 'PRECONDITION_REQUIRED' }));
    expect(expectedOf({ kind: 'none' }, 'update')).toBe(PRESENT);
    expect(expectedOf({ kind: 'ifNoneMatch', ifNoneMatch: '*' }, 'upsert')).toBe(ABSENT);
  });
});

describe('commandIdOf', () => {
  it('takes the key as it is, or out of its quotes', () => {
    expect(commandIdOf({ 'Idempotency-Key': '8e03978e-40d5' })).toBe('8e03978e-40d5');
    expect(commandIdOf(new Headers({ 'idempotency-key': ' "8e03978e-40d5" ' }))).toBe('8e03978e-40d5');
    expect(commandIdOf({})).toBeUndefined();
  });

  it.each(['', '""', '"', 'a b', 'é', 'x'.repeat(129)])('refuses %j', (key) => {
    expect(() => commandIdOf({ 'idempotency-key': key })).toThrow(expect.objectContaining({ code: 'INVALID_IDEMPOTENCY_KEY', statusCode: 400 }));
  });
});
