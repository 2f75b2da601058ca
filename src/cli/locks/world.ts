import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { systemClock, type LockClock } from '../../locks/clock';
import { defaultOwner } from '../../locks/owner';
import { awsEngine } from '../../replay/engines/aws';
import { endpointEngine } from '../../replay/engines/endpoint';
import type { Engine } from '../../replay/engines/engine';
import type { LocksTable } from './args';

/** A client of the server that has the table. */
export type Connection = Pick<Engine, 'client' | 'endpoint' | 'stop'>;

/** What `oplock locks` touches of the outside world, besides what it prints. */
export interface LocksWorld {
  readonly connect: (table: LocksTable) => Connection;
  readonly clock: LockClock;
  /** Aborts when the user has seen enough (Ctrl-C), until `end`. */
  readonly interruption: () => { readonly signal: AbortSignal; readonly end: () => void };
  /** Who sits here. */
  readonly userName: () => string;
}

export const systemWorld: LocksWorld = {
  connect: ({ endpoint, region }) => {
    const options = region === undefined ? {} : { region };
    return endpoint === undefined ? awsEngine(options) : endpointEngine(endpoint, options);
  },
  clock: systemClock,
  interruption: () => {
    const interrupted = new AbortController();
    const onSignal = (): void => interrupted.abort();
    // Once: a second Ctrl-C ends the process, whatever it waits for.
    process.once('SIGINT', onSignal);
    return { signal: interrupted.signal, end: () => process.removeListener('SIGINT', onSignal) };
  },
  userName: () => {
    try {
      return `${userInfo().username}@${hostname()}`;
    } catch {
      // A container may run under a number that is nobody's.
      return defaultOwner(randomUUID);
    }
  },
};
