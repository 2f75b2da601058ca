import { CommandError, ItemExistsError, ItemMissingError, OplockConflictError } from './errors';
import { invalidCommand } from './plan/attributes-to-set';
import type { CommandResult, Done } from './result';
import type { Refusal, TransactResult } from './transaction';

/** The throwing form: `const { item } = orThrow(await commands.update(…))`. Throws an error for what was refused. */
export function orThrow<T extends object>(result: CommandResult<T>): Done<T>;
export function orThrow(result: TransactResult): Exclude<TransactResult, { kind: 'rejected' }>;
export function orThrow<T extends object>(result: CommandResult<T> | TransactResult): Done<T> | TransactResult {
  switch (result.kind) {
    case 'applied': case 'alreadyApplied': return result;
    case 'conflict': throw new OplockConflictError(result);
    case 'missing': throw new ItemMissingError(result);
    case 'alreadyExists': throw new ItemExistsError(result);
    case 'rejected': throw new TransactionRejectedError(result.refusals);
    default: throw invalidCommand('orThrow: found what is no result of a command. Await the command first: orThrow(await …)');
  }
}

const STATUS: Readonly<Record<Refusal['kind'], number>> = { conflict: 412, missing: 404, alreadyExists: 409 };

/** A transaction that a participant refused. Code `TRANSACTION_REJECTED`; the status is that of the first refusal. */
export class TransactionRejectedError extends CommandError {
  override readonly name: string = 'TransactionRejectedError';
  readonly refusals: readonly [Refusal, ...Refusal[]];

  constructor(refusals: readonly [Refusal, ...Refusal[]]) {
    super('TRANSACTION_REJECTED', STATUS[refusals[0].kind], `the transaction was refused: ${refusals.map(({ name, kind }) => `${name} (${kind})`).join(', ')}. Nothing was written`);
    this.refusals = refusals;
  }
}
