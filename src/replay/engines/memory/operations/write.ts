import type { Bindings, Condition } from '../../../../oplock/condition/ast';
import { evaluate } from '../../../../oplock/condition/evaluate';
import { tableNamed, type Database } from '../data/database';
import { placeOfItem, placeOfKey, type Place } from '../data/key';
import type { Table } from '../data/table';
import { applyUpdate } from '../expression/apply-update';
import { bind, type Placeholders } from '../expression/bind';
import { checkCondition } from '../expression/check-condition';
import { planUpdate } from '../expression/check-update';
import type { PathTree } from '../expression/path-tree';
import type { UpdateAction } from '../expression/update-ast';
import { conditionFailed, invalid, refuse } from '../fault';
import { decodeMap, type PlainItem } from '../value/decode';
import { encodeMap } from '../value/encode';
import { itemSize, MAX_ITEM_BYTES } from '../value/size';

/** What the requests that write have in common. */
export interface WriteInput extends Placeholders {
  readonly TableName?: string | undefined;
  readonly Key?: unknown;
  readonly Item?: unknown;
  readonly ConditionExpression?: string | undefined;
  readonly UpdateExpression?: string | undefined;
  readonly ReturnValues?: string | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: string | undefined;
}

/** A write that was found good as far as that can be said without the item. */
export interface Write {
  readonly table: Table;
  readonly place: Place;
  /** The item afterwards; `undefined`: none. Throws what the stored item makes impossible. */
  readonly next: (stored: PlainItem | undefined) => PlainItem | undefined;
  readonly condition?: Condition | undefined;
  readonly bindings: Bindings;
  readonly returnOld: boolean;
  /** The paths of an update. */
  readonly updated?: PathTree<UpdateAction> | undefined;
}

export type WriteKind = 'Put' | 'Update' | 'Delete' | 'ConditionCheck';

const LEGACY = ['Expected', 'AttributeUpdates', 'ConditionalOperator'];

export const planWrite = (database: Database, kind: WriteKind, input: WriteInput): Write => {
  refuse(input, LEGACY);
  const { compiler } = database;
  const condition = input.ConditionExpression === undefined || input.ConditionExpression === null ? undefined : compiler.condition(input.ConditionExpression);
  const update = kind !== 'Update' || input.UpdateExpression === undefined || input.UpdateExpression === null ? undefined : compiler.update(input.UpdateExpression);
  const bindings = bind(input, condition, update);
  if (condition) checkCondition(condition.ast, bindings);
  const onFailure = input.ReturnValuesOnConditionCheckFailure ?? 'NONE';
  if (onFailure !== 'NONE' && onFailure !== 'ALL_OLD') throw invalid(`ReturnValuesOnConditionCheckFailure cannot be ${onFailure}`);
  const given = decodeMap(kind === 'Put' ? input.Item : input.Key);
  const table = tableNamed(database, input.TableName);
  const updated = update && planUpdate(update.ast, bindings);
  const place = kind === 'Put' ? placeOfItem(table.key, given) : placeOfKey(table.key, given);
  if (kind === 'Put') checkSize(given);
  return {
    table, place, bindings, updated, condition: condition?.ast, returnOld: onFailure === 'ALL_OLD', next: nextOf(kind, given, table, updated, bindings),
  };
};

const nextOf = (kind: WriteKind, given: PlainItem, { keyNames }: Table, updated: PathTree<UpdateAction> | undefined, bindings: Bindings): Write['next'] => {
  switch (kind) {
    case 'Put': return () => given;
    case 'Delete': return () => undefined;
    case 'ConditionCheck': return (stored) => stored;
    case 'Update': return (stored) => {
      const base = stored ?? given;
      if (!updated) return base;
      // DynamoDB Local says so only if the condition holds.
      const touched = keyNames.find((name) => updated.members?.has(name));
      if (touched !== undefined) throw invalid(`One or more parameter values were invalid: Cannot update attribute ${touched}. This attribute is part of the key`);
      const next = applyUpdate(updated, base, stored, bindings);
      checkSize(next);
      return next;
    };
  }
};

const checkSize = (item: PlainItem): void => {
  if (itemSize(item) > MAX_ITEM_BYTES) throw invalid('Item size has exceeded the maximum allowed size');
};

/** What is stored, and what shall be; throws when the condition does not hold. Changes nothing. */
export const decide = (write: Write): { readonly stored: PlainItem | undefined; readonly next: PlainItem | undefined } => {
  const stored = write.table.get(write.place);
  if (write.condition && !evaluate(write.condition, stored, write.bindings)) {
    throw conditionFailed(write.returnOld && stored ? { Item: encodeMap(stored) } : {});
  }
  return { stored, next: write.next(stored) };
};
