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

const NETWORK = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ECONNRESET|TimeoutError/;

/** In plain words that there is nobody to talk to, or no way to sign; undefined for other errors. Without an endpoint it is the AWS service. */
export const unreachable = (endpoint: string | undefined, error: unknown): OplockStreamError | undefined => {
  const { code, name, message } = (error ?? {}) as { readonly code?: unknown; readonly name?: unknown; readonly message?: unknown };
  const where = endpoint ?? 'the AWS service';
  if (name === 'CredentialsProviderError' || /region is missing/i.test(String(message))) {
    return new OplockStreamError('ENGINE_UNREACHABLE', `${where} cannot be called: ${String(message)}. Set AWS_REGION and credentials as for the AWS CLI.`, { cause: error });
  }
  const reason = NETWORK.exec(`${String(code)} ${String(name)} ${String(message)}`)?.[0];
  return reason === undefined ? undefined
    : new OplockStreamError('ENGINE_UNREACHABLE', `Nothing answers at ${where} (${reason}). ${endpoint === undefined ? 'Check the region and the network.' : 'Start the server, or correct the URL.'}`, { cause: error });
};

const explain = ({ endpoint }: ClientEngineOptions) => (error: unknown): never => {
  throw unreachable(endpoint, error) ?? error;
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
