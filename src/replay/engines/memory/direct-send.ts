import { CreateTableCommand, DeleteTableCommand, DescribeTableCommand, ScanCommand as ScanItemsCommand } from '@aws-sdk/client-dynamodb';
import {
  BatchExecuteStatementCommand, DeleteCommand, GetCommand, PutCommand, QueryCommand, ScanCommand, TransactWriteCommand, UpdateCommand, type TranslateConfig,
} from '@aws-sdk/lib-dynamodb';
import { ExactBatchExecuteStatementCommand, ExactGetCommand, ExactUpdateCommand, exactly } from '../../../sinks/dynamodb/exact';
import type { OperationName } from './execute';
import { metadata } from './metadata';
import { serviceError } from './service-error';
import { createTranslation } from './translate';

interface Stack {
  readonly add: (...given: readonly unknown[]) => void;
  readonly addRelativeTo: (...given: readonly unknown[]) => void;
  readonly use: (...given: readonly unknown[]) => void;
  readonly identify: () => readonly string[];
}

interface Command {
  readonly input: Readonly<Record<string, unknown>>;
  readonly middlewareStack: Stack;
}

interface Client {
  readonly middlewareStack: unknown;
  readonly config: unknown;
  send: unknown;
}

interface Known {
  readonly operation: OperationName;
  /** Whether it speaks in plain values, and reads numbers as the client does or without loss. */
  readonly translated: boolean | 'exact';
}

/** The commands that tests send in great numbers: how they are called here. */
const COMMANDS = new Map<unknown, Known>([
  [GetCommand, { operation: 'GetItem', translated: true }],
  [PutCommand, { operation: 'PutItem', translated: true }],
  [UpdateCommand, { operation: 'UpdateItem', translated: true }],
  [DeleteCommand, { operation: 'DeleteItem', translated: true }],
  [QueryCommand, { operation: 'Query', translated: true }],
  [ScanCommand, { operation: 'Scan', translated: true }],
  [TransactWriteCommand, { operation: 'TransactWriteItems', translated: true }],
  [BatchExecuteStatementCommand, { operation: 'BatchExecuteStatement', translated: true }],
  [ExactGetCommand, { operation: 'GetItem', translated: 'exact' }],
  [ExactUpdateCommand, { operation: 'UpdateItem', translated: 'exact' }],
  [ExactBatchExecuteStatementCommand, { operation: 'BatchExecuteStatement', translated: 'exact' }],
  [ScanItemsCommand, { operation: 'Scan', translated: false }],
  [CreateTableCommand, { operation: 'CreateTable', translated: false }],
  [DescribeTableCommand, { operation: 'DescribeTable', translated: false }],
  [DeleteTableCommand, { operation: 'DeleteTable', translated: false }],
]);

interface SendOptions {
  readonly abortSignal?: { readonly aborted?: boolean } | undefined;
}

/** Nothing but, perhaps, a signal that has not been given yet: the answer will be there before it can be. */
const isPlain = ([options, ...more]: readonly unknown[]): boolean => {
  if (more.some((one) => one !== undefined)) return false;
  if (options === undefined) return true;
  return typeof options === 'object' && options !== null && Object.keys(options).every((name) => name === 'abortSignal') && !(options as SendOptions).abortSignal?.aborted;
};

/** Whether somebody has added middleware since. */
const watch = (stack: Stack): (() => boolean) => {
  let touched = false;
  for (const name of ['add', 'addRelativeTo', 'use'] as const) {
    const original = stack[name];
    Object.assign(stack, { [name]: (...given: readonly unknown[]) => { touched = true; return original(...given); } });
  }
  return () => touched;
};

/**
 * Lets the client answer the common commands without serializing, signing and retrying, which are nine tenths of the
 * time. As soon as client or command carries middleware of its own, or options other than a signal are given, the request
 * takes the way that every request takes.
 */
export const sendDirectly = (client: Client, run: (operation: string, input: object) => object): void => {
  const config = client.config as { readonly translateConfig?: TranslateConfig };
  const asSetUp = createTranslation(config.translateConfig ?? {});
  const exact = createTranslation(exactly(config).translateConfig ?? {});
  const hasMiddleware = watch(client.middlewareStack as Stack);
  const wholeWay = (client.send as (...given: readonly unknown[]) => unknown).bind(client);
  const answer = async ({ operation, translated }: Known, input: Readonly<Record<string, unknown>>): Promise<object> => {
    const translation = translated === 'exact' ? exact : asSetUp;
    const request = translated ? translation.request(input) : input;
    try {
      const output = run(operation, request) as Readonly<Record<string, unknown>>;
      return { $metadata: metadata(200), ...(translated ? translation.answer(output) : output) };
    } catch (error) {
      throw serviceError(error);
    }
  };
  client.send = (command: Command, ...more: readonly unknown[]): unknown => {
    const known = COMMANDS.get(command.constructor);
    const direct = known && isPlain(more) && !hasMiddleware() && command.middlewareStack.identify().length === 0;
    return direct ? answer(known, command.input) : wholeWay(command, ...more);
  };
};
