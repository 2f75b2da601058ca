import { isOplockStreamError } from '../../src/errors';
import { check } from './check/check';
import { advise } from './command/advise';
import { flagOf, parseCommand, type Args } from './command/args';
import { HELP } from './command/help';
import { writePage } from './command/page';
import { simulate } from './model/simulate';
import { figuresOf } from './report/figures';
import { renderRun } from './report/run';
import { renderSweep } from './report/sweep';

type Print = (text: string) => void;

/** Runs the command; gives the exit code. */
export const main = async (argv: readonly string[], print: Print, warn: Print): Promise<number> => {
  try {
    return await perform(parseCommand(argv), print);
  } catch (error) {
    if (!isOplockStreamError(error)) throw error;
    warn(`${error.message}\n`);
    return 2;
  }
};

const perform = async (args: Args, print: Print): Promise<number> => {
  switch (args.what) {
    case 'help': print(HELP); return 0;
    case 'check': return check(args.json, print);
    case 'page': return writePage((argv) => collect(argv));
    case 'run': runOnce(args, print); return 0;
    case 'sweep': sweep(args, print); return 0;
    case 'advise': giveAdvice(args, print); return 0;
  }
};

const asJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const runOnce = ({ settings, json }: Args, print: Print): void => {
  const figures = figuresOf(simulate(settings));
  print(json ? asJson(figures) : renderRun(figures));
};

const sweep = ({ rows, columns, json }: Args, print: Print): void => {
  const done = rows.map(({ label, settings }) => ({ label, figures: figuresOf(simulate(settings)) }));
  print(json ? asJson(done.map(({ figures }) => figures)) : renderSweep(columns.map((name) => flagOf(name).slice(2)), done));
};

const SHOWN = 5;

const giveAdvice = ({ settings, maxAge, json }: Args, print: Print): void => {
  const runs = advise(settings, maxAge * 1000).slice(0, SHOWN).map(figuresOf);
  if (json) return print(asJson(runs));
  if (runs.length === 0) return print(`Nothing keeps the iterator age below ${maxAge} s: where one item gets too many events, or the peak is too short to be split, shards do not help. See docs/scaling.md.\n`);
  print(`Below ${maxAge} s, the cheapest first:\n\n`);
  print(renderSweep(['shards', 'factor', 'batch'], runs.map((figures) => ({ label: [figures.settings.shards, figures.settings.factor, figures.settings.batch].map(String), figures }))));
};

/** What a command prints. */
export const collect = async (argv: readonly string[]): Promise<string> => {
  let text = '';
  const print = (more: string): void => { text += more; };
  await main(argv, print, print);
  return text;
};
