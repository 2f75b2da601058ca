import { parseArgs } from 'node:util';

export interface BenchArgs {
  /** Ids of rows; empty: all. */
  readonly only: readonly string[];
  readonly rounds: number;
  readonly json: boolean;
  readonly save: boolean;
  /** Folder for CPU profiles. */
  readonly profile?: string;
}

const DEFAULT_ROUNDS = 7;

/** Throws an `Error` that says what is wrong. */
export const parseBenchArgs = (argv: readonly string[], known: readonly string[]): BenchArgs => {
  const { values } = parseArgs({
    args: [...argv],
    options: { only: { type: 'string', multiple: true }, rounds: { type: 'string' }, json: { type: 'boolean' }, save: { type: 'boolean' }, profile: { type: 'string' } },
  });
  const { only = [], json = false, save = false, profile } = values;
  const strange = only.find((id) => !known.includes(id));
  if (strange !== undefined) throw new Error(`There is no row ${JSON.stringify(strange)}. There are: ${known.join(', ')}.`);
  return { only, rounds: roundsOf(values.rounds), json, save, ...(profile !== undefined && { profile }) };
};

const roundsOf = (text: string | undefined): number => {
  if (text === undefined) return DEFAULT_ROUNDS;
  const rounds = Number(text);
  if (/^\d+$/.test(text) && rounds >= 1 && rounds <= 1000) return rounds;
  throw new Error(`--rounds is ${JSON.stringify(text)}: give a whole number from 1 to 1000.`);
};
