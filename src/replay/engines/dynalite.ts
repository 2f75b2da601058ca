import type { Server } from 'node:http';
import { OplockStreamError } from '../../errors';
import { comparableAsBytes, type Expression } from './dynalite-order';
import { requireOptional } from './optional';

/** The major version of dynalite whose inner modules this file knows. */
export const DYNALITE_MAJOR = 4;

const INSTALL = `npm install dynalite@${DYNALITE_MAJOR}`;
const ANSWER_OLD_ITEM = 'ReturnValuesOnConditionCheckFailure';

interface Request {
  readonly [ANSWER_OLD_ITEM]?: string;
  /** What dynalite's parser has made of the ConditionExpression. */
  readonly _condition?: { readonly expression: Expression };
}
interface Refusal { readonly body: { __type: string; Item?: unknown } }
type Check = (request: Request, item: unknown) => Refusal | null | undefined;
interface Db { checkConditional: Check & { completed?: true } }
interface Validation { readonly types: Record<string, unknown> }
type Dynalite = (options: { createTableMs: number; deleteTableMs: number; updateTableMs: number }) => Server;

const load = <T>(specifier: string): T => requireOptional<T>(specifier, 'The embedded engine', INSTALL);

const checkByBytes = (check: Check, request: Request, item: unknown): ReturnType<Check> => {
  if (!request._condition || !item) return check(request, item);
  const comparable = comparableAsBytes(request._condition.expression, item);
  return check({ ...request, _condition: { ...request._condition, expression: comparable.expression } }, comparable.item);
};

/**
 * dynalite has no `ReturnValuesOnConditionCheckFailure`; verdicts need the old item that it asks for. So the
 * parameter is declared to its validators, and its condition check, which holds the item's lock, is wrapped.
 * The same wrapper makes it compare strings in DynamoDB's order.
 */
const completeConditions = (): void => {
  const db = load<Db>('dynalite/db');
  if (db.checkConditional.completed) return;
  for (const action of ['updateItem', 'putItem', 'deleteItem']) {
    load<Validation>(`dynalite/validations/${action}`).types[ANSWER_OLD_ITEM] = { type: 'String', enum: ['ALL_OLD', 'NONE'] };
  }
  const check = db.checkConditional;
  db.checkConditional = Object.assign((request: Request, item: unknown) => {
    const refusal = checkByBytes(check, request, item);
    if (refusal && item && request[ANSWER_OLD_ITEM] === 'ALL_OLD' && refusal.body.__type.includes('ConditionalCheckFailed')) {
      refusal.body.Item = item;
    }
    return refusal;
  }, { completed: true as const });
};

/** Throws `ENGINE_VERSION` for another major version: its insides may have moved. */
export const assertDynaliteVersion = (version: string): void => {
  if (Number(version.split('.')[0]) === DYNALITE_MAJOR) return;
  throw new OplockStreamError('ENGINE_VERSION', `The embedded engine was written for dynalite ${DYNALITE_MAJOR}; ${version} is installed. Run: ${INSTALL}`);
};

/** A dynalite server that is not listening yet. */
export const dynaliteServer = (): Server => {
  assertDynaliteVersion(load<{ version: string }>('dynalite/package.json').version);
  completeConditions();
  return load<Dynalite>('dynalite')({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
};
