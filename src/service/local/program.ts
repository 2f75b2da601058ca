import { isOplockStreamError, OplockStreamError } from 'oplock-stream';

type Program<P> = (args: readonly string[], paths: P) => Promise<number>;

/** What the user can mend is told in a line, without the stack of this program; exit code 2: not done. */
export const asProgram = <P>(program: Program<P>, tell: (text: string) => void = (text) => void process.stderr.write(`${text}\n`)): Program<P> =>
  async (args, paths) => {
    try {
      return await program(args, paths);
    } catch (error) {
      tell(explain(error));
      return 2;
    }
  };

export interface NumberLimits {
  readonly min: number;
  readonly max: number;
  /** Default true. */
  readonly whole?: boolean;
  /** What the number is, for the message. */
  readonly what: string;
}

/** The number that an option was given; `OPTION_INVALID` for text that is none, or one beyond the limits. */
export const numberOf = (option: string, text: string, { min, max, whole = true, what }: NumberLimits): number => {
  const number = text.trim() === '' ? NaN : Number(text);
  if (number >= min && number <= max && (!whole || Number.isInteger(number))) return number;
  throw new OplockStreamError('OPTION_INVALID', `--${option} ${text}: ${what} is to be a ${whole ? 'whole ' : ''}number from ${min} to ${max}. --help has all options.`);
};

const explain = (error: unknown): string => {
  if (isOplockStreamError(error)) return `${error.code}: ${error.message}`;
  if (isParseError(error)) return `${error.message.replace(/\.?$/, '.')} --help has all options.`;
  return error instanceof Error ? error.stack ?? error.message : String(error);
};

const isParseError = (error: unknown): error is { readonly code: string; readonly message: string } =>
  typeof error === 'object' && error !== null && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
