import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Kinesis } from '@aws-sdk/client-kinesis';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { OplockStreamError } from '../../errors';
import { localCredentials, requestHandler } from './client-engine';
import { requireOptional } from './optional';

type RequestHandler = DynamoDBClient['config']['requestHandler'];
type Kinesalite = (options: { createStreamMs: number; deleteStreamMs: number; updateStreamMs: number; shardLimit: number }) => Server;

/** For `new Kinesis({ ...engine.connection })`, and `KinesisClient` alike. */
export interface KinesisConnection {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Speaks HTTP/1.1, as the server does; the client for Kinesis would speak HTTP/2. */
  readonly requestHandler: RequestHandler;
}

export interface KinesisEngineOptions {
  /** Default: a free one. */
  readonly port?: number;
}

export interface KinesisEngine {
  readonly name: 'kinesalite';
  readonly endpoint: string;
  /** Each time it is read, with a request handler of its own: a client that is destroyed breaks no other. */
  readonly connection: KinesisConnection;
  /** Resolves when the stream can be used. One of that name that is there already is used as it is. `shardCount`: default 1. */
  createStream(stream: { readonly name: string; readonly shardCount?: number }): Promise<void>;
  dropStream(name: string): Promise<void>;
  /** Calling it again does nothing. */
  stop(): Promise<void>;
}

const INSTALL = 'npm install --save-dev kinesalite@3 @aws-sdk/client-kinesis';

/**
 * kinesalite inside this process: Kinesis in memory, on loopback only, for tests and local runs.
 * It knows streams by their names, not by their ARNs. Errors: `DEPENDENCY_MISSING`, `ENGINE_START`.
 */
export const kinesisEngine = async ({ port = 0 }: KinesisEngineOptions = {}): Promise<KinesisEngine> => {
  const kinesalite = requireOptional<Kinesalite>('kinesalite', 'The Kinesis engine', INSTALL);
  const sdk = requireOptional<{ Kinesis: typeof Kinesis }>('@aws-sdk/client-kinesis', 'The Kinesis engine', INSTALL);
  const server = kinesalite({ createStreamMs: 0, deleteStreamMs: 0, updateStreamMs: 0, shardLimit: 500 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new OplockStreamError('ENGINE_START', `The Kinesis engine cannot listen on port ${port}: ${error.message}. Give another port.`, { cause: error })));
    server.listen(port, '127.0.0.1', resolve);
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const base = { endpoint, region: 'local', credentials: localCredentials };
  const client = new sdk.Kinesis({ ...base, requestHandler: http1() });
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    client.destroy();
    await new Promise<void>((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()));
      // kinesalite closes its store first, and then waits for connections that are kept alive.
      server.closeAllConnections();
      setTimeout(() => server.closeAllConnections(), 100).unref();
    });
  };
  return {
    name: 'kinesalite',
    endpoint,
    get connection() { return { ...base, requestHandler: http1() }; },
    createStream: ({ name, shardCount = 1 }) => createStream(client, name, shardCount),
    dropStream: async (name) => {
      await client.deleteStream({ StreamName: name }).catch(ignore('ResourceNotFoundException'));
      await poll(async () => !await statusOf(client, name), `Stream ${name} was not removed.`);
    },
    stop: () => (stopping ??= stop()),
  };
};

/** The client for DynamoDB comes with a handler for HTTP/1.1: no other package is needed to have one. */
const http1 = (): RequestHandler => new DynamoDBClient({ region: 'local', requestHandler }).config.requestHandler;

const ignore = (name: string) => (error: unknown): undefined => {
  if ((error as { name?: string }).name !== name) throw error;
  return undefined;
};

const statusOf = async (client: Kinesis, StreamName: string): Promise<string | undefined> =>
  (await client.describeStreamSummary({ StreamName }).catch(ignore('ResourceNotFoundException')))?.StreamDescriptionSummary?.StreamStatus;

const createStream = async (client: Kinesis, name: string, shardCount: number): Promise<void> => {
  await client.createStream({ StreamName: name, ShardCount: shardCount }).catch(ignore('ResourceInUseException'));
  await poll(async () => await statusOf(client, name) === 'ACTIVE', `Stream ${name} did not become ACTIVE.`);
};

const poll = async (isDone: () => Promise<boolean>, otherwise: string): Promise<void> => {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    if (await isDone()) return;
    await new Promise((resolve) => setTimeout(resolve, Math.min(5 * (attempt + 1), 50)));
  }
  throw new OplockStreamError('STREAM_NOT_ACTIVE', `${otherwise} Look at it in the engine.`);
};
