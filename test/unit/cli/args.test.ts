import { parseReplayArgs } from '../../../src/cli/args';

const usage = (argv: string[]): string => {
  try {
    parseReplayArgs(argv);
  } catch (error) {
    expect(error).toMatchObject({ code: 'USAGE' });
    return (error as Error).message;
  }
  throw new Error(`${argv.join(' ')} was accepted`);
};

test('defaults', () => {
  expect(parseReplayArgs(['a.jsonl', '--rules', 'r.mjs'])).toEqual({
    fixtures: ['a.jsonl'], rules: 'r.mjs', engine: 'embedded', shuffle: false, duplicate: 0, split: false, crash: 0, seed: 1, json: false,
  });
});

test('every option', () => {
  expect(parseReplayArgs([
    'a.jsonl', '--rules', 'r.mjs', 'b.jsonl.gz', '--engine', 'aws', '--table', 't', '--shuffle', '--duplicate', '0.2', '--split', '--seed', '7',
    '--batch-size', '25', '--concurrency', '4', '--strategy', 'batch', '--now', '2026-03-01T12:00:00Z', '--json', '--expect', 'e.json', '--dump=d.json',
  ])).toEqual({
    fixtures: ['a.jsonl', 'b.jsonl.gz'], rules: 'r.mjs', engine: 'aws', table: 't', shuffle: true, duplicate: 0.2, split: true, crash: 0, seed: 7,
    batchSize: 25, concurrency: 4, strategy: 'batch', now: Date.UTC(2026, 2, 1, 12), json: true, expect: 'e.json', dump: 'd.json',
  });
  expect(parseReplayArgs(['a', '--rules', 'r', '--endpoint', 'http://localhost:8000', '--now', '1772366400000'])).toMatchObject({
    engine: { endpoint: 'http://localhost:8000' }, now: 1_772_366_400_000,
  });
  expect(parseReplayArgs(['a', '--rules', 'r', '--engine', 'memory', '--crash', '0.9'])).toMatchObject({ engine: 'memory', crash: 0.9 });
});

test.each([
  [[], 'No fixture'],
  [['a.jsonl'], '--rules is missing'],
  [['a', '--rules'], '--rules'],
  [['a', '--rules', ''], '--rules is missing'],
  [['a', '--rules', 'r', '--shufle'], '--shufle'],
  [['a', '--rules', 'r', '--engine', 'sqlite'], 'sqlite'],
  [['a', '--rules', 'r', '--engine', 'local', '--endpoint', 'http://localhost'], 'exclude each other'],
  [['a', '--rules', 'r', '--engine', 'aws'], '--table'],
  [['a', '--rules', 'r', '--duplicate', '20%'], '--duplicate is "20%"'],
  [['a', '--rules', 'r', '--duplicate=-1'], '--duplicate is "-1"'],
  [['a', '--rules', 'r', '--duplicate', ''], '--duplicate is ""'],
  [['a', '--rules', 'r', '--crash', '1'], '--crash is "1": give a number from 0 to 0.9'],
  [['a', '--rules', 'r', '--engine', 'aws', '--table', 't', '--crash', '0.1'], '--crash and --engine aws exclude each other'],
  [['a', '--rules', 'r', '--seed', '1.5'], '--seed is "1.5"'],
  [['a', '--rules', 'r', '--batch-size', '0'], '--batch-size is "0"'],
  [['a', '--rules', 'r', '--batch-size', '10001'], '--batch-size is "10001"'],
  [['a', '--rules', 'r', '--concurrency', 'x'], '--concurrency is "x"'],
  [['a', '--rules', 'r', '--strategy', 'both'], '--strategy is "both": there are auto, batch and single.'],
  [['a', '--rule', 'r'], 'This command has no option --rule. It has: --rules, '],
  [['a', '--rules', 'r', '-x'], 'no option -x. It has: --rules, '],
  [['a', '--rules', 'r', '--now', 'yesterday'], '--now is "yesterday"'],
])('%j is wrong, and the message says what', (argv, message) => {
  expect(usage(argv)).toContain(message);
});
