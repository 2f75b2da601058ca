import { randomUUID } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export interface RequestCounter {
  /** Writes that the table took. */
  readonly writes: number;
  /** HTTP requests, the SDK's own retries included. */
  readonly requests: number;
  /** Takes the counter off the client. */
  stop(): void;
}

/** How many writes are in a command that succeeded. */
const writesIn = (command: string | undefined, input: unknown, output: unknown): number => {
  const { TransactItems } = input as { readonly TransactItems?: readonly { readonly ConditionCheck?: unknown }[] };
  const { Responses } = output as { readonly Responses?: readonly { readonly Error?: unknown }[] };
  switch (command) {
    case 'PutItemCommand':
    case 'UpdateItemCommand':
    case 'DeleteItemCommand':
      return 1;
    case 'TransactWriteItemsCommand':
      return TransactItems?.filter((item) => !item.ConditionCheck).length ?? 0;
    case 'BatchExecuteStatementCommand':
      return Responses?.filter((response) => !response.Error).length ?? 0;
    default:
      return 0;
  }
};

/** Counts what goes through a client from now on, by middleware on its own stack. */
export const countRequests = (client: DynamoDBDocumentClient): RequestCounter => {
  const name = `oplock-replay-${randomUUID()}`;
  let writes = 0;
  let requests = 0;
  client.middlewareStack.add((next, context) => async (args) => {
    const result = await next(args);
    writes += writesIn(context.commandName, args.input, result.output);
    return result;
  }, { step: 'initialize', name: `${name}-writes` });
  client.middlewareStack.add((next) => (args) => {
    requests += 1;
    return next(args);
    // After the retry middleware, so that it sees every attempt.
  }, { step: 'deserialize', priority: 'low', name: `${name}-requests` });
  return {
    get writes() { return writes; },
    get requests() { return requests; },
    stop: () => {
      client.middlewareStack.remove(`${name}-writes`);
      client.middlewareStack.remove(`${name}-requests`);
    },
  };
};
