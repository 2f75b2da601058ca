import { OplockStreamError } from '../errors';
import { describeFound, quote } from '../found';
import { DEFAULT_ATTRIBUTE_NAMES, type AttributeNames } from './attributes';
import { isWellFormed } from '../oplock/value/well-formed';
import type { CommandsOptions } from './commands';
import type { VersionStrategy } from './version';

/** What the plans need to know, checked. */
export interface Settings {
  readonly names: AttributeNames;
  readonly strategy: VersionStrategy;
  /** The attribute that holds the version: that of the timestamp, or one of its own. */
  readonly versionName: string;
  readonly keepForDays: number;
  readonly remember: number;
  readonly discriminator: string | undefined;
  readonly region: string | undefined;
}

const MAX_DAYS = 100_000;
/** More would not leave the update expression enough of its 4 KB. */
export const MAX_REMEMBERED = 16;

/** Throws `INVALID_OPTION`. */
export const settingsOf = (options: CommandsOptions): Settings => {
  const { version: strategy = 'timestamp', keepForDays = 30, rememberCommands = 8 } = options;
  const names = namesOf(options.attributes ?? {});
  if (strategy !== 'timestamp' && strategy !== 'counter' && typeof strategy !== 'function') throw invalid('version', strategy, "'timestamp', 'counter' or a function");
  if (!(typeof keepForDays === 'number' && keepForDays > 0 && keepForDays <= MAX_DAYS)) throw invalid('keepForDays', keepForDays, `a number of days, up to ${MAX_DAYS}`);
  if (!Number.isInteger(rememberCommands) || rememberCommands < 1 || rememberCommands > MAX_REMEMBERED) throw invalid('rememberCommands', rememberCommands, `1 to ${MAX_REMEMBERED}`);
  for (const option of ['discriminator', 'region'] as const) {
    const text: unknown = options[option];
    if (text !== undefined && (typeof text !== 'string' || text === '' || !isWellFormed(text))) throw invalid(option, text, 'a text');
  }
  return {
    names,
    strategy,
    versionName: strategy === 'timestamp' ? names.timestamp : names.version,
    keepForDays,
    remember: rememberCommands,
    discriminator: options.discriminator,
    region: options.region ?? (process.env['AWS_REGION'] || undefined),
  };
};

const namesOf = (given: Partial<AttributeNames>): AttributeNames => {
  const names = { ...DEFAULT_ATTRIBUTE_NAMES };
  for (const [role, name] of Object.entries(given)) {
    if (!Object.hasOwn(DEFAULT_ATTRIBUTE_NAMES, role)) throw invalid(`attributes.${role}`, name, `one of ${Object.keys(DEFAULT_ATTRIBUTE_NAMES).join(', ')}`);
    if (name === undefined) continue;
    if (typeof name !== 'string' || name === '' || name === '__proto__') throw invalid(`attributes.${role}`, name, 'the name of an attribute');
    names[role as keyof AttributeNames] = name;
  }
  const all = Object.values(names);
  const twice = all.find((name, i) => all.indexOf(name) !== i);
  if (twice !== undefined) throw new OplockStreamError('INVALID_OPTION', `createCommands({ attributes }) uses ${quote(twice)} twice: each needs a name of its own`);
  return names;
};

const invalid = (option: string, found: unknown, expected: string): OplockStreamError =>
  new OplockStreamError('INVALID_OPTION', `createCommands({ ${option} }): found ${describeFound(found)} where ${expected} belongs`);
