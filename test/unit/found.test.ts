import { describeFound, quote } from '../../src/found';

describe('what is quoted in a message', () => {
  test('commands no terminal, and shows what there is', () => {
    expect(quote('a\u001b[2J\u009b2J\u007f\n\u202etxt.exe\u200b')).toBe('"a\\u001b[2J\\u009b2J\\u007f\\n\\u202etxt.exe\\u200b"');
    expect(describeFound('\u009b')).toBe('the string "\\u009b"');
  });

  test('is as it was where all of it can be seen', () => {
    expect(quote('Straße "1" – 大阪 🎟')).toBe('"Straße \\"1\\" – 大阪 🎟"');
    expect(quote('x'.repeat(41))).toBe(`"${'x'.repeat(40)}"… (41 characters)`);
  });
});
