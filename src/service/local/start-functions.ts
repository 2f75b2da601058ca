import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OplockStreamError } from 'oplock-stream';
import type { Integration } from './http-gateway';
import type { EnvironmentValue, FunctionDefinition, ResourceReference, ServiceDefinition } from './service-definition';
import { startFunction, type LocalFunction } from './start-function';

export interface StartFunctionsOptions {
  /** From `readServerless`. */
  readonly definition: ServiceDefinition;
  /** The folder that the handlers of serverless.yml are in, after bundling: of the project, or a copy. */
  readonly root: string;
  /** Path of the bundled function-runner.ts. */
  readonly runner: string;
  /** The name, URL or ARN that a reference has here: `{ resource: 'Seats' }` is the name of the local table. */
  readonly resolve: (reference: ResourceReference) => string;
  /** More variables for every function, for example the endpoints of the engines. Default none. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Most processes of each function; by its name. Default 1. */
  readonly concurrency?: Readonly<Record<string, number>>;
  /** Takes each line that a function writes, with the function's name. */
  readonly log: (name: string, line: string) => void;
}

export interface LocalFunctions {
  /** By their names in serverless.yml. */
  readonly functions: Readonly<Record<string, LocalFunction>>;
  /** For `startGateway`. */
  readonly routes: Readonly<Record<string, Integration>>;
  /** No process is left when it resolves. */
  stop(): Promise<void>;
}

/** The functions of serverless.yml with the timeouts, memory and environment that they have there. Errors: `NOT_BUNDLED`. */
export const startFunctions = ({ definition, root, runner, resolve, environment = {}, concurrency = {}, log }: StartFunctionsOptions): LocalFunctions => {
  const started = definition.functions.map((one) => [one, startFunction({
    functionName: one.functionName,
    bundle: bundleOf(root, one),
    exportName: one.exportName,
    environment: { ...resolved(one.environment, resolve), ...environment },
    timeoutMs: one.timeoutSeconds * 1000,
    memoryMB: one.memoryMB,
    region: definition.region,
    runner,
    concurrency: concurrency[one.name] ?? 1,
    log: (line) => log(one.name, line),
  })] as const);

  return {
    functions: Object.fromEntries(started.map(([{ name }, local]) => [name, local])),
    routes: Object.fromEntries(started.flatMap(([{ routes }, local]) => routes.map((key): [string, Integration] => [key, (event) => local.invoke(event)]))),
    stop: async () => {
      await Promise.all(started.map(([, local]) => local.stop()));
    },
  };
};

/** In the order in which Lambda looks. */
const bundleOf = (root: string, { file, name }: FunctionDefinition): string => {
  const found = ['.js', '.mjs', '.cjs'].map((extension) => join(root, `${file}${extension}`)).find((path) => existsSync(path));
  if (found === undefined) throw new OplockStreamError('NOT_BUNDLED', `The function ${name} has no ${file}.cjs: bundle the service first (scripts/service/bundle.mjs).`);
  return found;
};

const resolved = (environment: Readonly<Record<string, EnvironmentValue>>, resolve: (reference: ResourceReference) => string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, typeof value === 'string' ? value : resolve(value)]));
