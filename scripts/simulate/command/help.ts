import { PRESETS } from '../presets';
import { CHOICES, NUMBERS, type ChoiceOption, type Name, type NumberOption } from '../settings';
import { flagOf } from './args';

const line = (left: string, right: string): string => `  ${left.padEnd(26)} ${right}`;

const OPTIONS: Readonly<Record<Name, NumberOption | ChoiceOption<string>>> = { ...NUMBERS, ...CHOICES };

const group = (title: string, names: readonly Name[]): string =>
  [title, ...names.map((name) => {
    const option = OPTIONS[name];
    const shown = 'choices' in option ? option.choices.join('|') : 'n';
    return line(`${flagOf(name)} <${shown}>`, `${option.help} (${option.preset})`);
  })].join('\n');

/** Each option is in one of them. */
export const GROUPS: Readonly<Record<string, readonly Name[]>> = {
  'What arrives': ['rate', 'minutes', 'peak', 'peakAt', 'peakFor', 'backfill', 'backfillAt', 'backfillFor', 'recordKb'],
  'For which items': ['keys', 'hot', 'hotKeys', 'new', 'named', 'table', 'itemKb'],
  'In which order': ['late', 'lateBy', 'copies', 'copyAfter'],
  'Stream and event source mapping': ['source', 'shards', 'factor', 'batch', 'window', 'poll'],
  'The function': ['memory', 'functions', 'strategy', 'batchSize', 'concurrency', 'fold', 'events'],
  'What things take': ['latency', 'latencyTail', 'invokeMs', 'eventCpu', 'requestCpu', 'writeCpu'],
  'What they cost (us-east-1, on demand, as published in 2025)': ['unitPrice', 'gbSecondPrice', 'invocationPrice', 'shardPrice', 'putPrice'],
  'And': ['seed'],
};

export const HELP = `npm run simulate -- [options]

What does a listener need for its events, and what does it cost? A simulation of
a stream, its event source mapping, the function and its table. It knows no AWS
account. docs/scaling.md says what it leaves out.

Ways to ask
${line('(nothing)', 'one run: figures, cost, and a chart')}
${line('--sweep <option>=<a,b,…>', 'a row for each value; two sweeps: for each pair')}
${line('--advise', 'the cheapest shards × factor × batch that stays below --max-age')}
${line('--max-age <seconds>', 'largest iterator age that --advise allows (5)')}
${line('--check', 'runs the real handler here, and compares')}
${line('--page', 'writes what the commands of docs/scaling.md print into it')}
${line('--preset <name>', 'settings to begin with, see below')}
${line('--json', 'JSON on standard output')}

${Object.entries(GROUPS).map(([title, names]) => group(title, names)).join('\n\n')}

Presets
${Object.entries(PRESETS).map(([name, { what }]) => line(name, what)).join('\n')}

Examples
  Does one shard do for 1,500 events per second?
    npm run simulate -- --rate 1500
  What do more shards, or a higher factor, change?
    npm run simulate -- --rate 5000 --sweep shards=5,8 --sweep factor=1,2,5
  A fifth of the events is for one item. Does folding help?
    npm run simulate -- --rate 1000 --hot 0.2 --sweep fold=yes,no
  What do events that come late or twice cost?
    npm run simulate -- --keys 500 --sweep late=0,0.1,0.3
  What is the cheapest way to stay below two seconds?
    npm run simulate -- --rate 3000 --advise --max-age 2

Exit code
  0  done; with --check: as predicted
  1  --check: too far from it
  2  not done: the command is wrong
`;
