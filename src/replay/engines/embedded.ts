import type { AddressInfo } from 'node:net';
import { OplockStreamError } from '../../errors';
import type { Engine } from './engine';
import { clientEngine, localCredentials, requestHandler } from './client-engine';
import { dynaliteServer } from './dynalite';

/**
 * dynalite inside this process: starts in milliseconds, needs nothing but Node, holds everything in memory and
 * listens on loopback only. No transactions, PartiQL, streams or TTL.
 * `port`: default a free one. Errors: `DEPENDENCY_MISSING`, `ENGINE_VERSION`, `ENGINE_START` when the port is taken.
 */
export const embeddedEngine = async ({ port = 0 }: { readonly port?: number } = {}): Promise<Engine> => {
  const server = dynaliteServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new OplockStreamError('ENGINE_START', `The embedded engine cannot listen on port ${port}: ${error.message}. Give another port.`, { cause: error })));
    server.listen(port, '127.0.0.1', resolve);
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return clientEngine({
    name: 'embedded',
    endpoint,
    config: { endpoint, region: 'local', credentials: localCredentials, requestHandler },
    stop: () => new Promise((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()));
      server.closeAllConnections();
    }),
  });
};
