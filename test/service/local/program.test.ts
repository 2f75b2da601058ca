import { parseArgs } from 'node:util';
import { main as dev } from '../../../src/service/local/dev';
import { main as e2e } from '../../../src/service/local/e2e/main';
import { asProgram, numberOf } from '../../../src/service/local/program';
import { OplockStreamError } from '../../../src';

const nowhere = { serverless: '/nowhere/serverless.yml', root: '/nowhere', runner: '/nowhere/runner.cjs' };

describe('options of the local programs', () => {
  const share = { min: 0, max: 1, whole: false, what: 'the share' };
  const port = { min: 0, max: 65_535, what: 'a port' };

  it.each([['0', share, 0], ['0.2', share, 0.2], ['65535', port, 65_535]])('%s is taken', (text, limits, number) => {
    expect(numberOf('x', text, limits)).toBe(number);
  });

  it.each([['abc', port], ['', port], [' ', share], ['1.5', port], ['-1', port], ['65536', port], ['NaN', share], ['2', share]])('"%s" is refused, with the option and the limits', (text, limits) => {
    expect(() => numberOf('port', text, limits)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringMatching(/^--port .*from 0 to /) }));
  });
});

describe('asProgram', () => {
  const run = async (fail: () => void): Promise<{ code: number; told: string }> => {
    let told = '';
    const code = await asProgram(async () => { fail(); return 0; }, (text) => { told += text; })([], undefined);
    return { code, told };
  };

  it('tells what the user can mend in one line, exit code 2', async () => {
    expect(await run(() => { throw new OplockStreamError('PORT_IN_USE', 'Choose another.'); })).toEqual({ code: 2, told: 'PORT_IN_USE: Choose another.' });
    const { code, told } = await run(() => { parseArgs({ args: ['--nope'], options: {} }); });
    expect([code, told.includes("'--nope'"), told.includes('--help'), told.includes('\n')]).toEqual([2, true, true, false]);
  });

  it('shows the stack of everything else', async () => {
    expect(await run(() => { throw new TypeError('a bug'); })).toEqual({ code: 2, told: expect.stringMatching(/a bug\n +at /) });
  });

  it('leaves the exit code of a program that ends alone', async () => {
    expect(await run(() => {})).toEqual({ code: 0, told: '' });
  });
});

describe.each([
  ['dev', dev, [['--nope'], ['--port', 'abc'], ['--duplicate', 'x']]],
  ['e2e', e2e, [['--clients', 'x'], ['--clients', '0'], ['--edits=-3'], ['--seats', '1.5'], ['--seed', 'x']]],
] as const)('%s', (_name, main, wrong) => {
  it.each(wrong.map((args) => [args]))('is not begun with %j', async (args) => {
    const told = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      // Had it begun, it would complain of serverless.yml.
      expect(await main(args, nowhere)).toBe(2);
      expect(told.mock.calls.join('')).toMatch(/--help has all options\.\n$/);
    } finally {
      told.mockRestore();
    }
  });
});
