import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { memoryEngine } from 'oplock-stream/replay';

interface Handler {
  readonly handle: (request: Request, options?: object) => Promise<object>;
}

interface Request {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The in-memory engine behind a client that takes the whole way of the SDK but for the network, and time to answer. */
export interface CountedEngine {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  /** Requests, and writes in them: each is a write unit as long as items are below 1 KB. From now on. */
  readonly count: () => { requests: number; units: number };
  readonly stop: () => Promise<void>;
}

const TABLE = 'check';

const writesIn = ({ headers, body }: Request): number => {
  if (!headers['x-amz-target']?.endsWith('.BatchExecuteStatement')) return 1;
  const { Statements } = JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body as Uint8Array)) as { readonly Statements: readonly object[] };
  return Statements.length;
};

/** `latency`: ms until an answer to a request with so many writes; 0: at once. */
export const countedEngine = async (latency: (writes: number) => number): Promise<CountedEngine> => {
  const engine = memoryEngine();
  await engine.createTable({ name: TABLE, partitionKey: 'pk', sortKey: 'sk' });
  const real = engine.connection.requestHandler as unknown as Handler;
  let counted = { requests: 0, units: 0 };
  const handle: Handler['handle'] = async (request, options) => {
    const writes = writesIn(request);
    counted.requests += 1;
    counted.units += writes;
    const ms = latency(writes);
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
    return real.handle(request, options);
  };
  const raw = new DynamoDBClient({ ...engine.connection, requestHandler: { ...real, handle } as never });
  return {
    client: DynamoDBDocumentClient.from(raw, { marshallOptions: { removeUndefinedValues: true } }),
    table: TABLE,
    count: () => (counted = { requests: 0, units: 0 }),
    stop: () => engine.stop(),
  };
};
