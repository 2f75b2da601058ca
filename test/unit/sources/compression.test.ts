import { gzipSync } from 'node:zlib';
import { createBudget, expand, gunzip } from '../../../src/sources/compression';
import { parsePayload } from '../../../src/sources/payload';
import { UnreadablePayload } from '../../../src/sources/unreadable';

const zip = (value: unknown): string => `COMPRESSED${gzipSync(JSON.stringify(value)).toString('base64')}`;
const parse = (text: string | Buffer, max?: number): unknown => {
  const budget = createBudget(max);
  const { value, simple } = parsePayload(Buffer.from(text), budget);
  return simple ? value : expand(value, budget);
};

describe('payloads', () => {
  it('are JSON in UTF-8, gzipped as a whole or not', () => {
    const event = { id: '1', name: 'Zoë 😀' };
    expect(parse(JSON.stringify(event))).toEqual(event);
    expect(parse(gzipSync(JSON.stringify(event)))).toEqual(event);
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['text', 'this is my secret', /^17 characters that are not JSON/],
    ['half of a JSON text', '{"secret":"x', /^12 characters that are not JSON/],
    ['nothing', '', /no data/],
    ['bytes', Buffer.from([0xff, 0xfe, 0x00]), /3 bytes that are not UTF-8/],
    ['half of a gzip', gzipSync('{"a":1}').subarray(0, 15), /broken gzip/],
    ['gzip of text', gzipSync('secret'), /6 characters that are not JSON/],
    ['nothing, gzipped', gzipSync(''), /no data/],
    ['a word', 'COMPRESSEDsecret', /16 characters that are not JSON/],
    ['deep nesting', '['.repeat(200_000) + ']'.repeat(200_000), /more than 100 levels/],
  ])('%s is unreadable, and not quoted', (_, text, message) => {
    let error: unknown;
    try {
      parse(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(UnreadablePayload);
    expect((error as UnreadablePayload).found).toMatch(message);
    expect(JSON.stringify(error) + String(error)).not.toContain('secret');
    expect((error as Error).cause).toBeUndefined();
  });
});

it('nesting is bounded whatever stands between the brackets', () => {
  const nested = (levels: number, open: string, close: string): string => open.repeat(levels) + '1' + close.repeat(levels);
  for (const [open, close] of [['[', ']'], ['{"a":', '}'], ['[{"[{":', '}]']] as const) {
    const step = open.length > 5 ? 2 : 1;
    expect(JSON.stringify(parse(nested(100 / step, open, close)))).toBe(nested(100 / step, open, close));
    expect(() => parse(nested(100 / step + 1, open, close))).toThrow('more than 100 levels');
  }
  expect(parse(JSON.stringify('['.repeat(500)))).toBe('['.repeat(500));
});

describe('values compressed by aws-lambda-stream', () => {
  it('are expanded wherever they are', () => {
    const raw = { new: { name: 'n'.repeat(50) }, old: null };
    expect(parse(JSON.stringify({ id: '1', raw: zip(raw), list: [zip([1, 2]), { deep: zip('text') }] })))
      .toEqual({ id: '1', raw, list: [[1, 2], { deep: 'text' }] });
  });

  it('may be compressed twice, contain each other, or be the whole payload', () => {
    expect(parse(JSON.stringify({ a: zip(zip({ b: 1 })) }))).toEqual({ a: { b: 1 } });
    expect(parse(JSON.stringify({ a: zip({ b: zip({ c: [zip(2)] }) }) }))).toEqual({ a: { b: { c: [2] } } });
    expect(parse(zip({ id: '1' }))).toEqual({ id: '1' });
    expect(parse(JSON.stringify(zip({ id: '1' })))).toEqual({ id: '1' });
  });

  it.each([
    'COMPRESSED', 'COMPRESSED air', 'COMPRESSEDABCD', 'COMPRESSED====', 'COMPRESSEDH4sIAAAAAAAA',
    `COMPRESSED${gzipSync('not json').toString('base64')}`,
    `COMPRESSED${gzipSync(Buffer.from([0xff, 0x22])).toString('base64')}`,
    `COMPRESSED${gzipSync('{"a":1}').subarray(0, 18).toString('base64')}`,
    `${zip({ a: 1 })}!`, ` ${zip({ a: 1 })}`, zip({ a: 1 }).toLowerCase(),
  ])('a text that only begins like one stays as it is: %s', (text) => {
    expect(parse(JSON.stringify({ note: text, list: [text] }))).toEqual({ note: text, list: [text] });
  });

  it('pollute no prototype', () => {
    const value = parse(`{"__proto__":${JSON.stringify(zip({ polluted: true }))},"constructor":${JSON.stringify(zip(1))}}`);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(value, '__proto__')?.value).toEqual({ polluted: true });
    expect(Object.getOwnPropertyDescriptor(value, 'constructor')?.value).toBe(1);
  });
});

describe('the bound on decompression', () => {
  const zeros = (bytes: number): string => 'COMPRESSED' + gzipSync(`"${'0'.repeat(bytes - 2)}"`).toString('base64');

  it('holds for one value', () => {
    expect(parse(zeros(1000), 1000)).toBe('0'.repeat(998));
    expect(() => parse(zeros(1001), 1000)).toThrow('more than 1000 bytes');
    expect(() => parse(gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20)))).toThrow('more than 16777216 bytes once decompressed');
  });

  it('holds for the sum over a record', () => {
    const list = (n: number): string => JSON.stringify(Array.from({ length: n }, () => zeros(100)));
    expect(parse(list(10), 1000)).toHaveLength(10);
    expect(() => parse(list(11), 1000)).toThrow('more than 1000 bytes');
  });

  it('holds for bombs within bombs, to a depth of 100', () => {
    let value: unknown = 'x';
    for (let i = 0; i < 120; i += 1) value = zip(value);
    expect(() => parse(JSON.stringify(value))).toThrow('more than 100 levels');
  });

  it('holds for bombs that turn out to be broken', () => {
    const bomb = gzipSync(Buffer.alloc(100_000));
    bomb[bomb.length - 5] = (bomb[bomb.length - 5] ?? 0) ^ 1; // the checksum comes last
    const budget = createBudget();
    expect(gunzip(bomb, budget)).toBeUndefined();
    const text = `COMPRESSED${bomb.toString('base64')}`;
    expect(parse(JSON.stringify([text]))).toEqual([text]);
    expect(() => parse(JSON.stringify(Array.from({ length: 65 }, () => text)))).toThrow('more than 64 values of broken gzip');
  });
});
