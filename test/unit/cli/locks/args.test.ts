import { LOCKS_OPTIONS, parseLocksArgs } from '../../../../src/cli/locks/args';
import { LOCKS_HELP } from '../../../../src/cli/locks/help';

const usage = (argv: string[]): string => {
  try {
    parseLocksArgs(argv);
  } catch (error) {
    expect(error).toMatchObject({ code: 'USAGE' });
    return (error as Error).message;
  }
  throw new Error(`${argv.join(' ')} was accepted`);
};

test('defaults', () => {
  expect(parseLocksArgs(['list', '--table', 't'])).toEqual({ command: 'list', table: 't', json: false, all: false, prefix: '' });
  expect(parseLocksArgs(['show', 'k', '--table', 't'])).toEqual({ command: 'show', table: 't', json: false, key: 'k' });
  expect(parseLocksArgs(['watch', '--table', 't', 'k'])).toEqual({ command: 'watch', table: 't', json: false, key: 'k' });
  expect(parseLocksArgs(['break', 'k', '--table', 't'])).toEqual({ command: 'break', table: 't', json: false, key: 'k', yes: false });
});

test('every option', () => {
  const table = ['--table', 't', '--endpoint', 'http://h', '--region', 'r', '--partition-key', 'id', '--sort-key-name', 'sk', '--json'];
  const expected = { table: 't', endpoint: 'http://h', region: 'r', partitionKey: 'id', sortKeyName: 'sk', json: true };
  expect(parseLocksArgs(['list', ...table, '--all', '--prefix', 'a'])).toEqual({ command: 'list', ...expected, all: true, prefix: 'a' });
  expect(parseLocksArgs(['show', ...table, '--sort-key', 's', '--', '-k'])).toEqual({ command: 'show', ...expected, key: '-k', sortKey: 's' });
  expect(parseLocksArgs(['watch', 'k', ...table, '--sort-key', 's', '--for', '1.5'])).toEqual({ command: 'watch', ...expected, key: 'k', sortKey: 's', forMs: 1_500 });
  expect(parseLocksArgs(['break', 'k', ...table, '--sort-key', 's', '--yes', '--owner', 'me'])).toEqual({ command: 'break', ...expected, key: 'k', sortKey: 's', yes: true, owner: 'me' });
});

test.each([
  [[], 'there are list, show, watch and break'],
  [['brake', 'k'], '"brake"'],
  [['list'], '--table is missing'],
  [['list', 'k', '--table', 't'], 'takes no key'],
  [['list', '--table', 't', '--yes'], 'no option --yes. It has: --table'],
  [['show', '--table', 't'], 'No key is given'],
  [['show', 'a', 'b', '--table', 't'], 'takes one key, and 2 are given'],
  [['show', 'a', '--table', ''], '--table is missing'],
  [['show', 'a', '--table', 't', '--region', ''], '--region is empty'],
  [['show', 'a', '--table', 't', '--sort-key', 's'], 'belong together'],
  [['show', 'a', '--table', 't', '--sort-key-name', 's'], 'belong together'],
  [['watch', 'a', '--table', 't', '--for', '0'], '--for is "0"'],
  [['watch', 'a', '--table', 't', '--for', '9999999'], '--for is "9999999"'],
  [['break', 'a', '--table', 't', '--owner', ''], '--owner is empty'],
])('%j', (argv, message) => {
  expect(usage(argv)).toContain(message);
});

test('its page names each option, and no other', () => {
  const known = Object.values(LOCKS_OPTIONS).flatMap((options) => Object.keys(options).map((name) => `--${name}`));
  expect([...new Set(LOCKS_HELP.match(/--[a-z][a-z-]*/g))].sort()).toEqual([...new Set(known)].sort());
});
