import { randomBytes } from 'node:crypto';
import { OplockStreamError } from '../errors';
import { describeFound } from '../found';
import { isWellFormed } from '../oplock/value/well-formed';
import { budgetOf } from './budget';
import type { Run } from './call-table';
import type { CommandOptions } from './commands';
import { invalidCommand } from './plan/attributes-to-set';

/** One command on its way: who it is, and the time it has. */
export interface CommandRun extends Run {
  readonly isNamed: boolean;
  readonly by: string | undefined;
  /** Writes tried. */
  attempts: number;
}

const MAX_ID_LENGTH = 128;
const MAX_BY_LENGTH = 1024;
const MAX_ATTEMPTS = 1000;

/** Runs one command of the caller's and cleans up behind it. Rejects with `INVALID_COMMAND`, `INVALID_OPTION`. */
export const runCommand = async <R>(given: CommandOptions, work: (run: CommandRun) => Promise<R>): Promise<R> => {
  const who = { ...idOf(given), by: byOf(given) };
  const budget = budgetOf(given);
  try {
    return await work({ ...who, attempts: 0, sent: false, ambiguous: false, remaining: budget.remaining, signal: budget.signal });
  } finally {
    budget.close();
  }
};

const idOf = ({ commandId }: CommandOptions): { readonly id: string; readonly isNamed: boolean } => {
  if (commandId === undefined) return { id: randomBytes(12).toString('base64url'), isNamed: false };
  // Half of a surrogate pair would be stored as something else, and the command not be recognised.
  if (isText(commandId, MAX_ID_LENGTH)) return { id: commandId, isNamed: true };
  throw invalidCommand(`commandId: found ${describeFound(commandId)} where a text of 1 to ${MAX_ID_LENGTH} characters belongs`);
};

const byOf = ({ by }: CommandOptions): string | undefined => {
  if (by === undefined || isText(by, MAX_BY_LENGTH)) return by;
  throw invalidCommand(`by: found ${describeFound(by)} where a text of 1 to ${MAX_BY_LENGTH} characters belongs`);
};

const isText = (value: unknown, maxLength: number): boolean => typeof value === 'string' && value !== '' && value.length <= maxLength && isWellFormed(value);

/** Throws `INVALID_OPTION`. */
export const checkAttempts = (attempts: number): number => {
  if (Number.isInteger(attempts) && attempts >= 1 && attempts <= MAX_ATTEMPTS) return attempts;
  throw new OplockStreamError('INVALID_OPTION', `attempts: found ${describeFound(attempts)} where a whole number from 1 to ${MAX_ATTEMPTS} belongs`);
};
