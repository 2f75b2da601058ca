import type { Trouble } from './machine';
import type { Fate } from './network';
import type { Session } from './user';

/** One node of a schedule. Times are in ms. */
export interface NodePlan {
  readonly start: number;
  readonly monotonicOffset: number;
  readonly wallOffset: number;
  readonly leaseMs: number;
  readonly heartbeatMs: number | false;
  readonly safetyMarginMs: number;
  readonly requestTimeoutMs: number;
  /** Which client. */
  readonly client: 'node' | 'java' | 'old-java';
  /** Tasks side by side, each with its sessions one after the other. */
  readonly tasks: readonly (readonly Session[])[];
  readonly troubles: readonly Trouble[];
  readonly fates: readonly Fate[];
  /** Without, when all tasks are done. */
  readonly closeAt?: number | undefined;
}

export interface Plan {
  readonly nodes: readonly NodePlan[];
  /** Somebody changes rows by hand. */
  readonly operator?: readonly { readonly at: number; readonly id: string; readonly kind: 'delete' | 'release' }[];
  readonly seed: number;
}
