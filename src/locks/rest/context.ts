import type { LockName } from '../errors';
import type { Observations } from '../lease/observations';
import type { Settings } from '../lease/settings';
import type { Principal } from './authorizer';
import type { Signer } from './ids';
import type { InputLimits } from './input';
import type { Waits } from './waits';

/** All that a node of the service has. Nothing in it has to be there for the next request. */
export interface RestContext extends Settings {
  readonly limits: InputLimits;
  /** Between looks at a lock that somebody waits for, with jitter. */
  readonly pollMs: number;
  /** The clocks of two nodes are believed less this. */
  readonly maxClockSkewMs: number;
  readonly observations: Observations;
  /** Of this node, in its observation tokens. */
  readonly instanceId: string;
  readonly waits: Waits;
  readonly signer: Signer;
}

/** Locks of the service have no sort key of their own. */
export const lockNameOf = ({ schema }: Pick<RestContext, 'schema'>, key: string): LockName =>
  (schema.sortKeyName === undefined ? { key } : { key, sortKey: '-' });

/** What the owner of a principal's locks begins with: no other client's owner can be taken for it. */
export const ownerPrefix = ({ id }: Principal): string => `${id}/`;
