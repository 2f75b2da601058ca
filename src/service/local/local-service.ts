import { DynamoDBStreams } from '@aws-sdk/client-dynamodb-streams';
import { Kinesis } from '@aws-sdk/client-kinesis';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dynamodbStream, eventSourceMapping, kinesisEngine, kinesisStream, type EventSourceMapping, type StreamSource } from 'oplock-stream/replay';
import { startEngine } from './engine';
import { startFaultQueue } from './fault-queue-server';
import { startGateway } from './http-gateway';
import { localLockEnvironment } from './lock-keys';
import type { FunctionDefinition, ServiceDefinition, StreamDefinition } from './service-definition';
import type { LocalFunction } from './start-function';
import { startFunctions } from './start-functions';

export interface LocalServiceOptions {
  readonly definition: ServiceDefinition;
  /** Folder in which the bundles of the functions are found. */
  readonly root: string;
  /** Path of the bundled function-runner.ts. */
  readonly runner: string;
  /** Default: free ones. */
  readonly ports?: { readonly http?: number; readonly dynamodb?: number; readonly kinesis?: number };
  readonly log: (from: string, line: string) => void;
  /** Share of the batches that are delivered once more although they succeeded. Default 0. */
  readonly duplicate?: number;
  readonly random?: () => number;
  /** What the functions talk to instead of the table's own endpoint. */
  readonly between?: (endpoint: string) => Promise<string>;
  /** Called when a function is invoked, for example to kill it in the middle, or to see what it answers. */
  readonly onInvoke?: (name: string, invoked: LocalFunction, event: unknown, answer: Promise<unknown>) => void;
  /** Of a function that is called over HTTP. Default 4. */
  readonly concurrency?: number;
}

export interface LocalService {
  readonly url: string;
  /** Where DynamoDB and Kinesis listen. */
  readonly endpoints: { readonly dynamodb: string; readonly kinesis: string };
  /** `local`, or `embedded` where there is no Java: then the tables have no streams, and no event flows. */
  readonly engine: 'local' | 'embedded';
  /** Straight to the tables. */
  readonly client: DynamoDBDocumentClient;
  /** By the name of the resource. */
  readonly tables: Readonly<Record<string, string>>;
  readonly functions: Readonly<Record<string, LocalFunction>>;
  readonly mappings: ReadonlyMap<string, EventSourceMapping>;
  /** What the mappings read, by the same names. */
  readonly sources: ReadonlyMap<string, StreamSource<unknown>>;
  /** What mappings gave up, and what functions set aside. */
  readonly failed: readonly { readonly from: string; readonly record: unknown }[];
  readonly faults: readonly string[];
  /** Ctrl-C: nothing is left when it resolves. */
  stop(): Promise<void>;
}

const SHARDS = 2;

/** Starts everything that serverless.yml describes, on the loopback interface. */
export const startLocalService = async (options: LocalServiceOptions): Promise<LocalService> => {
  const { definition, log, ports = {} } = options;
  const stops: (() => unknown)[] = [];
  const started = <T extends { stop(): Promise<unknown> }>(one: T): T => {
    stops.push(() => one.stop());
    return one;
  };
  const stop = async (): Promise<void> => {
    // Backwards: nobody is called who has stopped already. What fails to stop must not keep the others running.
    for (const end of stops.splice(0).reverse()) await Promise.resolve(end()).catch((error: unknown) => log('stop', String(error)));
  };

  try {
    const engine = started(await startEngine(definition.region, ports.dynamodb));
    const kinesis = started(await kinesisEngine(ports.kinesis === undefined ? {} : { port: ports.kinesis }));
    const faultQueue = started(await startFaultQueue((fault) => log('faults', fault)));
    const nameOf = (resource: string): string => `${definition.service}-${definition.stage}-${resource}`;

    const tables: Record<string, string> = {};
    const streamArns: Record<string, string> = {};
    for (const table of definition.tables) {
      tables[table.resource] = nameOf(table.resource);
      const arn = await engine.createTable(nameOf(table.resource), table);
      if (arn !== undefined) streamArns[table.resource] = arn;
    }
    for (const { resource } of definition.streams) await kinesis.createStream({ name: nameOf(resource), shardCount: SHARDS });

    const endpoint = await (options.between?.(engine.endpoint) ?? engine.endpoint);
    const { functions } = started(startFunctions({
      definition, root: options.root, runner: options.runner, log,
      resolve: ({ resource }) => (resource === 'Faults' ? faultQueue.queueUrl : nameOf(resource)),
      environment: { AWS_ENDPOINT_URL_DYNAMODB: endpoint, AWS_ENDPOINT_URL_KINESIS: kinesis.endpoint, AWS_ENDPOINT_URL_SQS: faultQueue.endpoint, ...localLockEnvironment() },
      concurrency: Object.fromEntries(definition.functions.map((one) => [one.name, processesOf(one, options)])),
    }));
    const invoke = (name: string, event: unknown): Promise<unknown> => {
      const invoked = functions[name] as LocalFunction;
      const answer = invoked.invoke(event);
      options.onInvoke?.(name, invoked, event, answer);
      return answer;
    };

    const streams = new DynamoDBStreams(engine.tables.connection);
    const kinesisClient = new Kinesis(kinesis.connection);
    stops.push(() => streams.destroy(), () => kinesisClient.destroy());
    const failed: { from: string; record: unknown }[] = [];
    const mappings = new Map<string, EventSourceMapping>();
    const sources = new Map<string, StreamSource<unknown>>();
    const follow = <R>({ name, functionName, timeoutSeconds }: FunctionDefinition, { settings }: StreamDefinition, source: StreamSource<R>): void => {
      sources.set(name, source);
      mappings.set(name, started(eventSourceMapping({
        source,
        handler: (event) => invoke(name, event),
        ...settings,
        functionName,
        functionTimeoutMs: timeoutSeconds * 1000 + GRACE_MS,
        onFailure: (record) => {
          failed.push({ from: name, record });
          log(name, `gave up: ${JSON.stringify(record)}`);
        },
        onError: (error, { phase }) => {
          if (phase !== 'invoke') log(name, `mapping: ${error instanceof Error ? error.message : String(error)}`);
        },
        duplicate: options.duplicate ?? 0,
        random: options.random ?? Math.random,
      })));
    };
    for (const one of definition.functions) {
      for (const stream of one.streams) {
        const { resource } = stream.source;
        const streamArn = streamArns[resource];
        if (stream.type === 'kinesis') follow(one, stream, kinesisStream({ client: kinesisClient, streamName: nameOf(resource) }));
        else if (streamArn !== undefined) follow(one, stream, dynamodbStream({ client: streams, streamArn, region: definition.region })); // the embedded engine has no streams
      }
    }

    const routes = Object.fromEntries(definition.functions.flatMap((one) => one.routes.map((route) => [route, (event: unknown) => invoke(one.name, event)])));
    const gateway = started(await startGateway({ routes, ...(ports.http !== undefined && { port: ports.http }) }));

    return {
      url: gateway.url,
      endpoints: { dynamodb: engine.endpoint, kinesis: kinesis.endpoint },
      engine: engine.name,
      client: engine.tables.client,
      tables,
      functions,
      mappings,
      sources,
      failed,
      faults: faultQueue.messages,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** The process ends a function that takes too long; the mapping waits for that, and is only told. */
const GRACE_MS = 15_000;

/** As many as can be asked for at once: here, an invocation that finds no process waits. */
const processesOf = ({ streams }: FunctionDefinition, { concurrency = 4 }: LocalServiceOptions): number =>
  Math.max(...streams.map(({ type, settings }) => settings.parallelizationFactor * (type === 'kinesis' ? SHARDS : 1)), streams.length > 0 ? 1 : concurrency);
