import { boundName, type Bindings, type Condition, type Operand } from '../../../../oplock/condition/ast';
import { evaluate } from '../../../../oplock/condition/evaluate';
import { compareBytes } from '../../../../oplock/order';
import { compareValues } from '../../../../oplock/value/compare';
import { tableNamed, type Database } from '../data/database';
import { keyHash, placeOfItem, placeOfKey } from '../data/key';
import type { Table } from '../data/table';
import { bind, type Placeholders } from '../expression/bind';
import { checkCondition } from '../expression/check-condition';
import type { Compiled } from '../expression/compile';
import { invalid, refuse } from '../fault';
import { decodeMap, type PlainItem } from '../value/decode';
import { planKeyCondition } from './key-condition';
import { itemsAfter, pageOf } from './page';
import { projectionOf, projector } from './read';

export interface QueryInput extends Placeholders {
  readonly TableName?: string | undefined;
  readonly KeyConditionExpression?: string | undefined;
  readonly FilterExpression?: string | undefined;
  readonly ProjectionExpression?: string | undefined;
  readonly Limit?: number | undefined;
  readonly Select?: string | undefined;
  readonly ScanIndexForward?: boolean | undefined;
  readonly ExclusiveStartKey?: unknown;
  readonly Segment?: number | undefined;
  readonly TotalSegments?: number | undefined;
}

const REFUSED = ['IndexName', 'KeyConditions', 'QueryFilter', 'ScanFilter', 'ConditionalOperator', 'AttributesToGet'];

const conditionOf = ({ compiler }: Database, text: string | null | undefined): Compiled<Condition> | undefined =>
  (text === undefined || text === null ? undefined : compiler.condition(text));

const prepare = (database: Database, input: QueryInput) => {
  refuse(input, REFUSED);
  const [keys, filter, projection] = [conditionOf(database, input.KeyConditionExpression), conditionOf(database, input.FilterExpression), projectionOf(database, input.ProjectionExpression)];
  const bindings = bind(input, keys, filter, projection);
  for (const condition of [keys, filter]) if (condition) checkCondition(condition.ast, bindings);
  const table = tableNamed(database, input.TableName);
  const from = input.ExclusiveStartKey === undefined || input.ExclusiveStartKey === null ? undefined : decodeMap(input.ExclusiveStartKey);
  const start = from && placeOfKey(table.key, from);
  const options = { table, limit: input.Limit, select: input.Select, filter: filter?.ast, bindings, pick: projector(projection, bindings) };
  return { table, keys, bindings, from, start, options };
};

export const query = (database: Database, input: QueryInput): object => {
  const { table, keys, bindings, from, start, options } = prepare(database, input);
  if (!keys) throw invalid('Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.');
  const { partition, sort } = planKeyCondition(table, keys.ast, bindings);
  if (options.filter && usesKey(options.filter, table, bindings)) throw invalid('Filter Expression can only contain non-primary key attributes');
  if (start && start.partition !== partition) throw invalid('The provided starting key is outside query boundaries based on provided conditions');
  const forward = input.ScanIndexForward !== false;
  const items = sort ? table.partition(partition).filter((item) => evaluate(sort, item, bindings)) : table.partition(partition);
  const sortName = table.key.sortKey?.name;
  const isAfter = (item: PlainItem): boolean => sortName !== undefined && compareValues(item[sortName], from?.[sortName]) === (forward ? 1 : -1);
  return pageOf({ ...options, items: itemsAfter(table, forward ? items : [...items].reverse(), start, isAfter) });
};

export const scan = (database: Database, input: QueryInput): object => {
  const { table, from, start, options } = prepare(database, input);
  const { Segment: segment, TotalSegments: total } = input;
  if ((segment ?? undefined) === undefined !== ((total ?? undefined) === undefined)) throw invalid('Segment and TotalSegments belong together');
  if (total && !(segment !== undefined && segment >= 0 && segment < total)) throw invalid('The Segment parameter is zero-based and must be less than parameter TotalSegments');
  const hashOf = (item: PlainItem): number => keyHash(placeOfItem(table.key, item).partition);
  const items = total ? table.all().filter((item) => hashOf(item) % total === segment) : table.all();
  return pageOf({ ...options, items: itemsAfter(table, items, start, (item) => from !== undefined && scanOrder(table, from, item) < 0) });
};

const scanOrder = (table: Table, a: PlainItem, b: PlainItem): number => {
  const [one, other] = [placeOfItem(table.key, a).partition, placeOfItem(table.key, b).partition];
  const sortName = table.key.sortKey?.name;
  return keyHash(one) - keyHash(other) || compareBytes(one, other) || (sortName === undefined ? 0 : compareValues(a[sortName], b[sortName]) ?? 0);
};

const usesKey = (condition: Condition, table: Table, bindings: Bindings): boolean => {
  const operand = (one: Operand): boolean => {
    if (one.type === 'size') return operand(one.of);
    return one.type === 'path' && table.keyNames.includes(boundName(one.path[0], bindings) ?? '');
  };
  switch (condition.type) {
    case 'or': case 'and': return condition.operands.some((one) => usesKey(one, table, bindings));
    case 'not': return usesKey(condition.operand, table, bindings);
    case 'compare': return [condition.left, condition.right].some(operand);
    case 'between': return [condition.operand, condition.low, condition.high].some(operand);
    case 'in': return [condition.operand, ...condition.list].some(operand);
    case 'function': return condition.operands.some(operand);
  }
};
