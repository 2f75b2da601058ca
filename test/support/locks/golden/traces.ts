import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromAttributeMap } from '../../../../src/attribute-value';
import { parseUpdateParts } from '../../../../src/oplock/condition/update-parts';
import type { Row } from '../../../../src/locks/table/request';

/** One request of the real Java client and what DynamoDB said; `repeat` where it was sent so often in a row with the same answer. */
export interface Exchange {
  readonly op: 'GetItem' | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'Scan' | 'Query' | 'CreateTable';
  readonly req: Readonly<Record<string, unknown>> & { readonly TableName: string };
  readonly status: number;
  readonly res: Readonly<Record<string, unknown>>;
  readonly repeat?: number;
  readonly fault?: 'dropResponse' | 'error500' | 'error503';
}

export const traces = JSON.parse(readFileSync(join(__dirname, '../../../../fixtures/java-lock-client-traces.json'), 'utf8')) as Readonly<Record<string, readonly Exchange[]>>;

export const traceOf = (label: string): readonly Exchange[] => {
  const trace = traces[label];
  if (!trace) throw new Error(`there is no trace ${label}`);
  return trace;
};

/** A request in plain values, recorded or sent by us. */
export interface PlainRequest {
  readonly op: string;
  readonly Key?: Row;
  readonly Item?: Row;
  readonly ConditionExpression?: string;
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Row;
  readonly [more: string]: unknown;
}

const MAPS = ['Key', 'Item', 'ExpressionAttributeValues'];

export const plainRequest = ({ op, req }: Pick<Exchange, 'op' | 'req'>): PlainRequest => ({
  op,
  ...Object.fromEntries(Object.entries(req).map(([name, value]) => [name, MAPS.includes(name) ? fromAttributeMap(value as Row) : value])),
});

export const plainRow = (row: unknown): Row | undefined => (row === undefined ? undefined : fromAttributeMap(row as Row));

/** What a write assigns, by attribute, and what it removes: the whole item of a put. */
export const effects = (request: PlainRequest): { readonly sets: Row; readonly removes: readonly string[] } => {
  if (request.Item) return { sets: request.Item, removes: [] };
  if (request.UpdateExpression === undefined) return { sets: {}, removes: [] };
  const parts = parseUpdateParts(request.UpdateExpression);
  if (!parts) throw new Error(`no update expression: ${request.UpdateExpression}`);
  const nameOf = ([step]: readonly [string, ...unknown[]]) => request.ExpressionAttributeNames?.[step] ?? step;
  return {
    sets: Object.fromEntries(parts.filter(({ clause }) => clause === 'SET').map(({ path, value }) => [nameOf(path), value === undefined ? 'computed' : request.ExpressionAttributeValues?.[value]])),
    removes: parts.filter(({ clause }) => clause === 'REMOVE').map(({ path }) => nameOf(path)),
  };
};

/** The recorded request, to be executed. */
export const commandOf = ({ op, ...input }: PlainRequest): PutCommand => {
  const Command = { PutItem: PutCommand, UpdateItem: UpdateCommand, DeleteItem: DeleteCommand, GetItem: GetCommand }[op];
  if (!Command) throw new Error(`not to be executed: ${op}`);
  return new (Command as typeof PutCommand)(input as never);
};

/** Deep, in strings that are alike. */
export const translate = <T>(value: T, ids: ReadonlyMap<string, string>): T => {
  if (typeof value === 'string') return (ids.get(value) ?? value) as T;
  if (Array.isArray(value)) return value.map((one: unknown) => translate(one, ids)) as T;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, translate(one as unknown, ids)])) as T;
};
