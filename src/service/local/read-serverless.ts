import { readFileSync } from 'node:fs';
import { OplockStreamError } from 'oplock-stream';
import { parse } from 'yaml';
import { mappingSettings } from './mapping-settings';
import { reference, tablesOf, type Resources } from './resources';
import type { EnvironmentValue, FunctionDefinition, ServiceDefinition, StreamDefinition } from './service-definition';
import { resolveVariables } from './variables';
import { cloudFormationTags } from './yaml-tags';

/** The parts of serverless.yml that are read, after its variables are resolved. */
interface ServerlessFile {
  readonly service: string;
  readonly provider: { readonly timeout?: number; readonly memorySize?: number; readonly environment?: Readonly<Record<string, unknown>> };
  readonly functions?: Readonly<Record<string, ServerlessFunction>>;
  readonly resources?: { readonly Resources?: Resources };
}

interface ServerlessFunction {
  readonly handler: string;
  readonly timeout?: number;
  readonly memorySize?: number;
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly events?: readonly ServerlessEvent[];
}

export type ServerlessEvent = {
  readonly httpApi?: string | { readonly method?: string; readonly path: string };
  readonly stream?: ServerlessStream;
};

export interface ServerlessStream {
  readonly type: 'dynamodb' | 'kinesis';
  readonly arn: unknown;
  readonly destinations?: { readonly onFailure?: { readonly arn?: unknown } };
}

/**
 * Reads serverless.yml, so that the local run has the routes, environment and mappings of the deployed one.
 * Understood is what the file of this project uses, not all of the framework. Throws `INVALID_SERVICE`, which names
 * what is missing.
 */
export const readServerless = (path: string, { stage = 'dev', region = 'eu-central-1' }: { readonly stage?: string; readonly region?: string } = {}): ServiceDefinition => {
  const document: unknown = parse(readFileSync(path, 'utf8'), { customTags: [...cloudFormationTags], merge: true });
  const file = resolveVariables(document, { stage, region }) as ServerlessFile;
  if (typeof file?.service !== 'string' || typeof file.provider !== 'object') {
    throw new OplockStreamError('INVALID_SERVICE', `${path} has no service or no provider: give the path of the project's serverless.yml.`);
  }
  const resources = file.resources?.Resources ?? {};
  return {
    service: file.service,
    stage,
    region,
    functions: Object.entries(file.functions ?? {}).map(([name, one]) => functionOf(file, stage, name, one)),
    tables: tablesOf(resources),
    streams: Object.keys(resources).filter((name) => resources[name]?.Type === 'AWS::Kinesis::Stream').map((resource) => ({ resource })),
  };
};

const functionOf = ({ service, provider }: ServerlessFile, stage: string, name: string, one: ServerlessFunction): FunctionDefinition => {
  const dot = one.handler.lastIndexOf('.');
  const events = one.events ?? [];
  return {
    name,
    functionName: `${service}-${stage}-${name}`,
    file: one.handler.slice(0, dot),
    exportName: one.handler.slice(dot + 1),
    // The framework's own defaults.
    timeoutSeconds: one.timeout ?? provider.timeout ?? 6,
    memoryMB: one.memorySize ?? provider.memorySize ?? 1024,
    environment: environmentOf({ ...provider.environment, ...one.environment }),
    routes: events.flatMap(({ httpApi }) => (httpApi === undefined ? [] : [routeKey(httpApi)])),
    streams: events.flatMap(({ stream }) => (stream === undefined ? [] : [streamOf(stream)])),
  };
};

const routeKey = (route: Exclude<ServerlessEvent['httpApi'], undefined>): string => {
  if (typeof route !== 'string') return route.path === '*' ? '$default' : `${(route.method ?? 'ANY').toUpperCase().replace('*', 'ANY')} ${route.path}`;
  return route === '*' ? '$default' : route.replace(/^\S+/, (method) => method.toUpperCase());
};

const environmentOf = (variables: Readonly<Record<string, unknown>>): Readonly<Record<string, EnvironmentValue>> =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, environmentValue(name, value)]));

const environmentValue = (name: string, value: unknown): EnvironmentValue =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : reference(value, `environment.${name}`);

const streamOf = (stream: ServerlessStream): StreamDefinition => {
  const onFailure = stream.destinations?.onFailure?.arn;
  return {
    type: stream.type,
    source: reference(stream.arn, 'stream.arn'),
    ...(onFailure === undefined ? {} : { onFailure: reference(onFailure, 'stream.destinations.onFailure') }),
    settings: mappingSettings(stream),
  };
};
