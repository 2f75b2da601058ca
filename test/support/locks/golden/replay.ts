import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { fromAttributeMap } from '../../../../src/attribute-value';
import type { Row } from '../../../../src/locks/table/request';
import { createLockClient } from '../../../../src/locks/lease/client';
import type { LockKeySchema } from '../../../../src/locks/lease/row';
import type { LockClient } from '../../../../src/locks/lease/client-types';
import type { LockClientOptions } from '../../../../src/locks/lease/types';
import { memoryEngine } from '../../../../src/replay/engines/memory';
import { fakeClock, type FakeClock } from '../fake-clock';
import { watched } from '../world';
import { commandOf, effects, plainRequest, plainRow, traceOf, translate, type Exchange, type PlainRequest } from './traces';

/** A write of ours beside the recorded one: executed on the same row, each in a table of its own. */
export interface Beside {
  readonly label: string;
  readonly recorded: PlainRequest;
  readonly ours: PlainRequest;
  readonly before: Row | undefined;
  readonly javaAfter: Row | undefined;
  readonly oursAfter: Row | undefined;
  /** The recorded status, ours on that row, and what the memory table made of the recorded request. */
  readonly refused: { readonly recorded: boolean; readonly ours: boolean; readonly java: boolean };
}

/** What became of one label. */
export interface Replayed {
  readonly writes: Beside[];
  /** Reads, repeated ones once. */
  readonly looks: { readonly recorded: PlainRequest; readonly ours: PlainRequest }[];
  /** Requests of ours, in order, repeated reads folded. */
  readonly ours: string[];
  /** As many reads of ours as there were, folded or not. */
  reads: number;
  /** Recorded requests that were not sent, and requests of ours that were not recorded. */
  readonly unsent: string[];
  readonly unexpected: string[];
  /** Requests of ours after the last exchange, if they are answered. */
  readonly beyond: string[];
  /** Reads by which ours makes sure that a row is gone which a refusal did not tell. */
  confirmations: number;
}

export interface PlayOptions {
  /** The SDK meets a dropped answer with a retry of its own. */
  readonly sdkRetry?: boolean;
  /** Exchanges, by their place, that ours has nothing for. */
  readonly never?: readonly number[];
  /** When the recorded exchanges are over, the table goes on by itself, from the rows as they are. */
  readonly beyond?: boolean;
  /** A write that does the same in another way on purpose. */
  readonly updatesForPut?: boolean;
}

export interface Replay {
  readonly clock: FakeClock;
  readonly client: (ownerName: string, options?: Partial<LockClientOptions>) => LockClient;
  /** Runs ours while the exchanges of the label are given as answers. */
  readonly play: <T>(label: string, run: () => Promise<T>, options?: PlayOptions) => Promise<T>;
  readonly results: ReadonlyMap<string, Replayed>;
}

const OPS: Readonly<Record<string, Exchange['op']>> = {
  PutCommand: 'PutItem', UpdateCommand: 'UpdateItem', ExactUpdateCommand: 'UpdateItem', DeleteCommand: 'DeleteItem', ExactGetCommand: 'GetItem', ExactScanCommand: 'Scan', ExactQueryCommand: 'Query',
};

const serviceError = (name: string, status: number, more: object = {}): Error =>
  Object.assign(new Error(name), { name, $fault: status < 500 ? 'client' : 'server', $metadata: { httpStatusCode: status, attempts: 1 }, ...more });
const dropped = (): Error => Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
const refusalOf = (before: Row | undefined, attempts: number): Error => serviceError('ConditionalCheckFailedException', 400, {
  $metadata: { httpStatusCode: 400, attempts }, ...(before ? { Item: marshall(before) } : {}),
});

/** A table in which one write is executed on a given row. */
const createScratch = async (table: string, { partitionKeyName, sortKeyName }: LockKeySchema) => {
  const engine = memoryEngine();
  await engine.createTable({ name: table, partitionKey: partitionKeyName, sortKey: sortKeyName ?? null });
  const find = async (key: Row): Promise<Row | undefined> =>
    (await engine.scan(table)).map((row) => fromAttributeMap(row)).find((row) => Object.keys(key).every((name) => row[name] === key[name]));
  /** Undefined `before`: no row. */
  return {
    execute: async (request: PlainRequest, key: Row, before: Row | undefined): Promise<{ readonly refused: boolean; readonly after: Row | undefined; readonly answer: unknown }> => {
      await engine.client.send(commandOf(before ? { op: 'PutItem', TableName: table, Item: before } : { op: 'DeleteItem', TableName: table, Key: key }));
      let refused = false;
      const answer: unknown = await engine.client.send(commandOf(request)).catch((error: unknown) => {
        if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
        refused = true;
      });
      return { refused, after: await find(key), answer };
    },
  };
};

/**
 * Our clients against the recorded answers: each request of ours meets the next exchange of the label, which must be of the
 * same kind. Versions are random on either side, so that the recorded ones are translated to ours as they are written.
 */
export const createReplay = async (table: string, schema: LockKeySchema): Promise<Replay> => {
  const clock = fakeClock();
  const java = await createScratch(table, schema);
  const scratch = await createScratch(table, schema);
  const ids = new Map<string, string>();
  const results = new Map<string, Replayed>();
  const known = new Map<string, Row | undefined>();
  let label = '';
  let result: Replayed | undefined;
  let pending: { readonly exchange: Exchange; times: number }[] = [];
  let confirm: string | undefined;
  let { sdkRetry, beyond, updatesForPut } = { sdkRetry: false, beyond: false, updatesForPut: false };
  let count = 0;

  const keyIn = (request: PlainRequest): Row => {
    const from = request.Key ?? request.Item ?? {};
    return Object.fromEntries([schema.partitionKeyName, ...(schema.sortKeyName === undefined ? [] : [schema.sortKeyName])].map((name) => [name, from[name]]));
  };

  const beside = async (exchange: Exchange, ours: PlainRequest): Promise<{ readonly before: Row | undefined; readonly answer: unknown }> => {
    const raw = plainRequest(exchange);
    const [theirs, mine] = [effects(raw).sets.recordVersionNumber, effects(ours).sets.recordVersionNumber];
    if (typeof theirs === 'string' && typeof mine === 'string') ids.set(theirs, mine);
    const recorded = translate(raw, ids);
    const key = keyIn(recorded);
    const id = JSON.stringify(key);
    const before = known.get(id);
    const [theirResult, ourResult] = [await java.execute(recorded, key, before), await scratch.execute(ours, keyIn(ours), before)];
    if (exchange.status === 200) known.set(id, theirResult.after);
    result?.writes.push({
      label, recorded, ours, before, javaAfter: theirResult.after, oursAfter: ourResult.after,
      refused: { recorded: exchange.status === 400, ours: ourResult.refused, java: theirResult.refused },
    });
    return { before, answer: ourResult.answer };
  };

  const send = async (command: { readonly input: Readonly<Record<string, unknown>>; readonly constructor: { readonly name: string } }): Promise<unknown> => {
    const op = OPS[command.constructor.name];
    const ours: PlainRequest = { op: op ?? command.constructor.name, ...command.input };
    const id = JSON.stringify(keyIn(ours));
    if (op === 'GetItem' && confirm === id && result) {
      confirm = undefined;
      result.confirmations += 1;
      return {};
    }
    if (op === 'GetItem' && result) result.reads += 1;
    // As often as it was recorded, or a few times more or less: the clocks differ.
    const [first, second] = pending;
    if (first?.exchange.repeat !== undefined && first.times > 0 && second?.exchange.op === op) pending.shift();
    const now = pending[0];
    if (!now && beyond && result && op) {
      result.beyond.push(op);
      const row = known.get(id);
      if (op === 'GetItem') return row ? { Item: row } : {};
      const { refused, after, answer } = await scratch.execute(ours, keyIn(ours), row);
      known.set(id, after);
      if (refused) throw refusalOf(row, 1);
      return answer ?? {};
    }
    const isKind = now?.exchange.op === op || (updatesForPut && now?.exchange.op === 'PutItem' && op === 'UpdateItem');
    if (!result || !now || !op || !isKind) {
      result?.unexpected.push(`${ours.op} ${id}`);
      throw serviceError('ValidationException', 400);
    }
    const { exchange } = now;
    if (now.times === 0) {
      result.ours.push(`${op} ${id}`);
      if (op === 'GetItem' || op === 'Scan' || op === 'Query') result.looks.push({ recorded: plainRequest(exchange), ours });
    }
    now.times += 1;
    if (exchange.repeat === undefined) pending.shift();
    if (op === 'Scan' || op === 'Query') return { Items: (translate(exchange.res.Items, ids) as readonly Row[]).map((row) => fromAttributeMap(row)) };
    if (op === 'GetItem') {
      const item = plainRow(translate(exchange.res.Item, ids));
      known.set(id, item);
      return item ? { Item: item } : {};
    }
    if (exchange.status >= 500) {
      const name = String(exchange.res.__type).replace(/.*#/, '');
      throw serviceError(name, exchange.status);
    }
    const { before, answer } = await beside(exchange, ours);
    if (exchange.fault === 'dropResponse') {
      if (!sdkRetry) throw dropped();
      // The SDK sends the same again, by itself.
      const again = pending.shift();
      if (again?.exchange.op !== op || again.exchange.status !== 400) throw new Error('the retry of the SDK was not recorded');
      again.times += 1;
      const stored = known.get(id);
      if (!stored) confirm = id;
      throw refusalOf(stored, 2);
    }
    if (exchange.status === 400) {
      if (!before) confirm = id;
      throw refusalOf(before, 1);
    }
    return answer ?? {};
  };

  const dynamodb = { config: {}, send } as unknown as DynamoDBDocumentClient;

  return {
    clock,
    results,
    client: (ownerName, options = {}) => createLockClient({
      client: dynamodb, tableName: table, clock, ownerName, leaseMs: 600, heartbeatMs: false, readFirst: true, random: () => 0.5,
      ...(schema.sortKeyName === undefined ? {} : { sortKeyName: schema.sortKeyName }), partitionKeyName: schema.partitionKeyName,
      newId: () => `ours-${(count += 1)}`, logger: { debug: () => {}, warn: () => {}, error: () => {} },
      ...options,
    }),
    play: async (name, run, options = {}) => {
      label = name;
      ({ sdkRetry = false, beyond = false, updatesForPut = false } = options);
      result = { writes: [], looks: [], ours: [], reads: 0, unsent: [], unexpected: [], beyond: [], confirmations: 0 };
      results.set(label, result);
      const all = traceOf(label).map((exchange) => ({ exchange, times: 0 }));
      pending = all.filter((_, i) => !options.never?.includes(i));
      const state = watched(run());
      for (let steps = 0; !state.ended && steps < 500; steps += 1) await clock.advance(steps === 0 ? 0 : 10);
      if (!state.ended) throw new Error(`${label} does not end`);
      result.unsent.push(...all.filter(({ times }) => times === 0).map(({ exchange }) => `${exchange.op} ${JSON.stringify(keyIn(translate(plainRequest(exchange), ids)))}`));
      if (state.error !== undefined) throw state.error as Error;
      return state.value as Awaited<ReturnType<typeof run>>;
    },
  };
};
