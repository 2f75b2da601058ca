import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { boundName, type Bindings } from '../../oplock/condition/ast';
import { parseUpdateParts } from '../../oplock/condition/update-parts';
import { keyAttributes, type TableKey } from '../engines/table-key';
import { keyText } from '../table/diff';
import { toPlainItems } from '../table/plain';
import type { SentCommand } from '../troubles/troubled-client';

/** A write that an event asks for, as far as it can be seen from the request. */
export interface SeenWrite {
  /** Text of the item's key, as in a `TableDiff`. */
  readonly item: string;
  /** `move`: a delete in a transaction, which writes down elsewhere what it deletes. */
  readonly kind: 'update' | 'put' | 'delete' | 'move';
  /** Top-level attributes that it sets to values of its own, or removes. */
  readonly sets: readonly string[];
  /** Top-level attributes whose new value depends on the stored one: `ADD`, `SET #n = #n + :one`, list_append. */
  readonly computes: readonly string[];
  readonly conditional: boolean;
}

const KINDS: Readonly<Record<string, SeenWrite['kind']>> = {
  UpdateCommand: 'update', UpdateItemCommand: 'update', Update: 'update',
  PutCommand: 'put', PutItemCommand: 'put', Put: 'put',
  DeleteCommand: 'delete', DeleteItemCommand: 'delete', Delete: 'move',
};

interface WriteInput {
  readonly Key?: Readonly<Record<string, unknown>>;
  readonly Item?: Readonly<Record<string, unknown>>;
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
}

/** The writes in a request: of a transaction all. What is no write, or cannot be read, is left out. */
export const writesOf = ({ name, input }: Pick<SentCommand, 'name' | 'input'>, key: TableKey): readonly SeenWrite[] => {
  const { TransactItems } = input as { readonly TransactItems?: readonly Readonly<Record<string, SentCommand['input']>>[] };
  if (TransactItems) return TransactItems.flatMap((one) => Object.entries(one)).flatMap(([action, part]) => writesOf({ name: action, input: part }, key));
  const kind = KINDS[name];
  const { Key, Item } = input as WriteInput;
  const holder = Key ?? Item;
  if (!kind || !holder) return [];
  return [{ item: itemText(holder, key, name.endsWith('ItemCommand')), kind, ...attributesOf(input, key) }];
};

const itemText = (holder: Readonly<Record<string, unknown>>, key: TableKey, onTheWire: boolean): string => {
  const own = Object.fromEntries(keyAttributes(key).map(({ name }) => [name, holder[name]]));
  const wire = onTheWire ? own as Record<string, AttributeValue> : marshall(own);
  return toPlainItems([wire], key).map((item) => keyText(item, key)).join('');
};

const attributesOf = ({ Item, UpdateExpression = '', ConditionExpression, ExpressionAttributeNames: names }: WriteInput, key: TableKey) => {
  const bindings: Bindings = { names };
  const parts = (parseUpdateParts(UpdateExpression) ?? []).map(({ clause, path, value }) => ({
    name: boundName(path[0], bindings) ?? path[0],
    computed: clause === 'ADD' || clause === 'DELETE' || (clause === 'SET' && value === undefined),
  }));
  const keys = keyAttributes(key).map(({ name }) => name);
  const of = (computed: boolean): string[] => parts.filter((part) => part.computed === computed).map(({ name }) => name);
  return {
    sets: [...Object.keys(Item ?? {}).filter((name) => !keys.includes(name)), ...of(false)],
    computes: of(true),
    conditional: ConditionExpression !== undefined && ConditionExpression !== '',
  };
};
