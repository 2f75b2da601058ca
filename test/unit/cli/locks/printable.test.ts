import fc from 'fast-check';
import { shown, shownShort } from '../../../../src/cli/locks/printable';
import { printable, printableJson } from '../../../../src/printable';

const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
/** Texts with what a hostile owner would put there. */
const hostile = fc.string({ unit: fc.oneof(fc.constantFrom('\u001b', '\u009b', '\u007f', '\u0000', '\r', '\n', '\u202e', '\u200b', '\u2028', '\u{e0041}', '"', '\\', ' ', 'a'), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })) });

test.each([
  ['nightly', 'nightly'], ['two words', 'two words'], ['web-2#{x}:é日本', 'web-2#{x}:é日本'],
  ['', '""'], [' a', '" a"'], ['a ', '"a "'], ['a  b', '"a  b"'], ['"a"', '"\\"a\\""'], ['a\\u001b', '"a\\\\u001b"'],
  ['\u001b[2J', '"\\u001b[2J"'], ['\u009b2J', '"\\u009b2J"'], ['a\nb', '"a\\nb"'], ['\u202egnp', '"\\u202egnp"'], ['\u{e0041}', '"\\udb40\\udc41"'],
])('%j is shown as %s', (text, expected) => {
  expect(shown(text)).toBe(expected);
});

test('nothing unseen gets through, and what is shown is one text only', () => {
  fc.assert(fc.property(hostile, (text) => {
    const seen = shown(text);
    expect(seen).not.toMatch(UNSEEN);
    expect(seen.startsWith('"') ? JSON.parse(seen) as string : seen).toBe(text);
    expect(printable(text).replaceAll('\n', '')).not.toMatch(UNSEEN);
    expect(shownShort(text, 3)).not.toMatch(UNSEEN);
  }));
});

test('JSON stays the same value', () => {
  fc.assert(fc.property(fc.dictionary(hostile, hostile), (value) => {
    const line = printableJson(value);
    expect(line).not.toMatch(UNSEEN);
    expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(value)));
  }));
});

test('a long text is cut', () => {
  expect(shownShort('x'.repeat(10), 4)).toBe('xxxx… (10 characters)');
  expect(shownShort('xxxx', 4)).toBe('xxxx');
});
