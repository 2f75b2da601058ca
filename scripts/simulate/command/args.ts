import { parseArgs } from 'node:util';
import { OplockStreamError } from '../../../src/errors';
import { PRESETS } from '../presets';
import { CHOICES, DEFAULTS, NUMBERS, type Name, type Settings } from '../settings';

/** What is asked for. */
export interface Args {
  readonly settings: Settings;
  readonly what: 'help' | 'run' | 'sweep' | 'advise' | 'check' | 'page';
  readonly json: boolean;
  /** Settings, one for each row, and what is different in them. */
  readonly rows: readonly { readonly label: readonly string[]; readonly settings: Settings }[];
  /** Names of what is different. */
  readonly columns: readonly Name[];
  /** Seconds that the iterator age may have. */
  readonly maxAge: number;
}

export const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const NAMES = Object.keys(DEFAULTS) as Name[];
const byFlag = new Map(NAMES.map((name) => [flagOf(name), name]));

const usage = (message: string): OplockStreamError => new OplockStreamError('USAGE', `${message} --help has all options.`);

const valueOf = (name: Name, text: string): number | string => {
  if (name in CHOICES) {
    const { choices } = CHOICES[name as keyof typeof CHOICES] as { readonly choices: readonly string[] };
    if (choices.includes(text)) return text;
    throw usage(`${flagOf(name)} is "${text}": there are ${choices.join(', ')}.`);
  }
  const { least, most, whole } = NUMBERS[name as keyof typeof NUMBERS] as { readonly least: number; readonly most: number; readonly whole?: true };
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  throw usage(`${flagOf(name)} is "${text}": give a ${whole ? 'whole ' : ''}number from ${least} to ${most}.`);
};

const OWN = { help: { type: 'boolean' }, json: { type: 'boolean' }, check: { type: 'boolean' }, page: { type: 'boolean' }, advise: { type: 'boolean' }, preset: { type: 'string' }, 'max-age': { type: 'string' }, sweep: { type: 'string', multiple: true } } as const;

const OPTIONS = { ...Object.fromEntries([...byFlag.keys()].map((flag) => [flag.slice(2), { type: 'string' as const }])), ...OWN };

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: false }).values as Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  } catch (error) {
    throw usage((error as Error).message.replace(/\.? To specify.*$/, '').replace(/\.?$/, '.'));
  }
};

const presetOf = (name: string | undefined): Partial<Settings> => {
  if (name === undefined) return {};
  const found = Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined;
  if (!found) throw usage(`--preset is "${name}": there are ${Object.keys(PRESETS).join(', ')}.`);
  return found.settings;
};

/** `shards=1,2,4`: the name of a flag, and its values. */
const sweepOf = (text: string): { readonly name: Name; readonly values: readonly string[] } => {
  const [flag = '', list = ''] = text.split('=');
  const name = byFlag.get(`--${flag}`);
  if (!name || list === '') throw usage(`--sweep is "${text}": give an option and its values, such as shards=1,2,4.`);
  return { name, values: list.split(',') };
};

/** A run that would take minutes, and gigabytes. */
const MAX_EVENTS = 2e7;

const checkSize = (settings: Settings): void => {
  const events = settings.rate * settings.minutes * 60 + settings.peak * settings.peakFor + settings.backfill * settings.backfillFor;
  if (events > MAX_EVENTS) throw usage(`That are ${Math.round(events / 1e6)} million events, of which each is simulated: at most 20 million. Take fewer --minutes.`);
};

/** Throws an error with the code `USAGE` that says what is wrong. */
export const parseCommand = (argv: readonly string[]): Args => {
  const values = parse(argv);
  const given = NAMES.flatMap((name) => {
    const text = values[flagOf(name).slice(2)];
    return text === undefined ? [] : [[name, valueOf(name, text as string)] as const];
  });
  const settings = { ...DEFAULTS, ...presetOf(values['preset'] as string | undefined), ...Object.fromEntries(given) } as Settings;
  checkSize(settings);
  const sweeps = ((values['sweep'] ?? []) as readonly string[]).map(sweepOf);
  const rows = sweeps.reduce<Args['rows']>(
    (all, { name, values: own }) => all.flatMap((row) => own.map((text) => ({ label: [...row.label, text], settings: { ...row.settings, [name]: valueOf(name, text) } }))),
    [{ label: [], settings }],
  );
  rows.forEach((row) => checkSize(row.settings));
  const maxAge = Number(values['max-age'] ?? 5);
  if (!(maxAge > 0)) throw usage(`--max-age is "${String(values['max-age'])}": give seconds.`);
  const what = (['help', 'check', 'page', 'advise'] as const).find((one) => values[one]) ?? (sweeps.length > 0 ? 'sweep' : 'run');
  return { settings, what, json: values['json'] === true, rows, columns: sweeps.map(({ name }) => name), maxAge };
};
