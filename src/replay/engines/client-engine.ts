import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { OplockStreamError } from '../../errors';
import type { Engine, EngineConnection, EngineName } from './engine';
import { checkTable, createTable, dropTable, scanTable, streamArn } from './tables';

export interface ClientEngineOptions {
  readonly name: EngineName;
  readonly endpoint?: string;
  readonly config: EngineConnection & { readonly requestHandler: NonNullable<DynamoDBClientConfig['requestHandler']> };
  /** The tables belong to somebody else: check them, never make or remove one. */
  readonly onlyCheck?: boolean;
  /** Ends the server, after the client is closed. */
  readonly stop?: () => Promise<void>;
}

/** Connecting must be quick, an answer may take a while: a hung socket fails instead of stopping the replay. */
export const requestHandler = {
  connectionTimeout: 3_000,
  requestTimeout: 15_000,
  httpAgent: { keepAlive: true, maxSockets: 128 },
  httpsAgent: { keepAlive: true, maxSockets: 128 },
} as const;

/** DynamoDB Local takes letters and digits only in a key id. Not a secret: nothing checks it. */
export const localCredentials = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

const NETWORK = /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ECONNRESET|TimeoutError/;

/** Says in plain words that there is nobody to talk to, or no way to sign; other errors stay as they are. */
const explain = (options: ClientEngineOptions) => (error: unknown): never => {
  const { code, name, message } = (error ?? {}) as { readonly code?: unknown; readonly name?: unknown; readonly message?: unknown };
  const reason = NETWORK.exec(`${String(code)} ${String(name)} ${String(message)}`)?.[0];
  const unsigned = name === 'CredentialsProviderError' || /region is missing/i.test(String(message));
  if (!reason && !unsigned) throw error;
  const where = options.endpoint ?? 'the AWS service';
  throw unsigned
    ? new OplockStreamError('ENGINE_UNREACHABLE', `${where} cannot be called: ${String(message)}. Set AWS_REGION and credentials as for the AWS CLI.`, { cause: error })
    : new OplockStreamError('ENGINE_UNREACHABLE', `Nothing answers at ${where} (${reason}). Start the server, or correct the URL.`, { cause: error });
};

/** The engine over a client; what the four engines share. */
export const clientEngine = (options: ClientEngineOptions): Engine => {
  const { requestHandler: handler, ...connection } = options.config;
  const raw = new DynamoDBClient({ ...connection, requestHandler: handler });
  const client = DynamoDBDocumentClient.from(raw, { marshallOptions: { removeUndefinedValues: true } });
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    client.destroy();
    raw.destroy();
    await options.stop?.();
  };
  return {
    name: options.name,
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    client,
    connection,
    createTable: (spec) => (options.onlyCheck ? checkTable(raw, spec) : createTable(raw, spec)).catch(explain(options)),
    dropTable: (name) => (options.onlyCheck ? Promise.resolve() : dropTable(raw, name)),
    streamArn: (table) => streamArn(raw, table).catch(explain(options)),
    scan: (table) => scanTable(raw, table),
    stop: () => (stopping ??= stop()),
  };
};
