import { parseBenchArgs } from '../../../bench/lib/args';

const ROWS = ['cpu', 'growth'];
const parse = (...argv: string[]) => parseBenchArgs(argv, ROWS);

describe('arguments of npm run bench', () => {
  it('runs everything in seven rounds when nothing is said', () => {
    expect(parse()).toEqual({ only: [], rounds: 7, json: false, save: false });
  });

  it('takes rows, rounds and what to print', () => {
    expect(parse('--only', 'cpu', '--only', 'growth', '--rounds', '3', '--json', '--profile', 'here')).toEqual({ only: ['cpu', 'growth'], rounds: 3, json: true, save: false, profile: 'here' });
  });

  it('names the rows that there are', () => {
    expect(() => parse('--only', 'speed')).toThrow('There is no row "speed". There are: cpu, growth.');
  });

  it.each(['0', '-1', '2.5', 'many', '', '1001'])('does not take %j rounds', (rounds) => {
    expect(() => parse(`--rounds=${rounds}`)).toThrow(/--rounds is .* give a whole number/);
  });

  it('keeps the results of all rows or of some', () => {
    expect(parse('--save')).toMatchObject({ save: true, only: [] });
    expect(parse('--save', '--only', 'cpu')).toMatchObject({ save: true, only: ['cpu'] });
  });

  it('does not take what it does not know', () => {
    expect(() => parse('--fast')).toThrow('--fast');
  });
});
