import type { ReleaseOutcome, TransactItem } from '../../../../src/locks';

/** What one acquisition asks for. */
export interface Wish {
  readonly how: 'wait' | 'try';
  readonly waitMs: number;
  readonly refreshMs: number;
  /** Looks, with `try`. */
  readonly tries: number;
  readonly existingRow?: 'replace' | 'update' | undefined;
  readonly consistentReleased?: boolean | undefined;
  readonly onRelease?: 'delete' | 'keep' | undefined;
}

/** Of one that nobody acquires twice. */
export type Released = Exclude<ReleaseOutcome, 'still-held'>;

/** A lock as its holder sees it, whichever client it comes from. */
export interface Held {
  readonly acquisitionId?: string | undefined;
  readonly fencingToken?: number | undefined;
  /** Clients that tell of a loss. */
  readonly signal?: AbortSignal | undefined;
  isHeld(): boolean;
  remainingMs(): number;
  heartbeat(): Promise<void>;
  ensure(ms: number): Promise<void>;
  /** Clients that have fencing. */
  readonly guard?: ((items: readonly TransactItem[]) => Promise<void>) | undefined;
  release(): Promise<Released>;
}

/** A client of locks on one machine. `undefined`: not granted. Rejects with errors that are expected of it. */
export interface Actor {
  acquire(id: string, wish: Wish): Promise<Held | undefined>;
  close(): Promise<void>;
}
