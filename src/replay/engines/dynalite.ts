import type { Server } from 'node:http';
import { OplockStreamError } from '../../errors';
import { requireOptional } from './optional';

/** The major version of dynalite whose inner modules this file knows. */
export const DYNALITE_MAJOR = 4;

const INSTALL = `npm install dynalite@${DYNALITE_MAJOR}`;
const ANSWER_OLD_ITEM = 'ReturnValuesOnConditionCheckFailure';

interface Request { readonly [ANSWER_OLD_ITEM]?: string }
interface Refusal { readonly body: { __type: string; Item?: unknown } }
interface Db { checkConditional: ((request: Request, item: unknown) => Refusal | null | undefined) & { answersOldItem?: true } }
interface Validation { readonly types: Record<string, unknown> }
type Dynalite = (options: { createTableMs: number; deleteTableMs: number; updateTableMs: number }) => Server;

const load = <T>(specifier: string): T => requireOptional<T>(specifier, 'The embedded engine', INSTALL);

/**
 * dynalite has no `ReturnValuesOnConditionCheckFailure`; verdicts need the old item that it asks for. So the
 * parameter is declared to its validators, and its condition check, which holds the item's lock, is wrapped.
 */
const answerOldItem = (): void => {
  const db = load<Db>('dynalite/db');
  if (db.checkConditional.answersOldItem) return;
  for (const action of ['updateItem', 'putItem', 'deleteItem']) {
    load<Validation>(`dynalite/validations/${action}`).types[ANSWER_OLD_ITEM] = { type: 'String', enum: ['ALL_OLD', 'NONE'] };
  }
  const check = db.checkConditional;
  db.checkConditional = Object.assign((request: Request, item: unknown) => {
    const refusal = check(request, item);
    if (refusal && item && request[ANSWER_OLD_ITEM] === 'ALL_OLD' && refusal.body.__type.includes('ConditionalCheckFailed')) {
      refusal.body.Item = item;
    }
    return refusal;
  }, { answersOldItem: true as const });
};

/** Throws `ENGINE_VERSION` for another major version: its insides may have moved. */
export const assertDynaliteVersion = (version: string): void => {
  if (Number(version.split('.')[0]) === DYNALITE_MAJOR) return;
  throw new OplockStreamError('ENGINE_VERSION', `The embedded engine was written for dynalite ${DYNALITE_MAJOR}; ${version} is installed. Run: ${INSTALL}`);
};

/** A dynalite server that is not listening yet. */
export const dynaliteServer = (): Server => {
  assertDynaliteVersion(load<{ version: string }>('dynalite/package.json').version);
  answerOldItem();
  return load<Dynalite>('dynalite')({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
};
