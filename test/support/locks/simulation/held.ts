import type { ReleaseOutcome, TransactItem } from '../../../../src/locks';
import type { LostReason } from '../../../../src/locks/errors';

/** What one acquisition asks for. */
export interface Wish {
  /** `resume`: goes on with what another node has handed over, if something comes within `waitMs`. */
  readonly how: 'wait' | 'try' | 'resume';
  readonly waitMs: number;
  readonly refreshMs: number;
  /** Looks, with `try`. */
  readonly tries: number;
  readonly existingRow?: 'replace' | 'update' | undefined;
  readonly consistentReleased?: boolean | undefined;
  readonly onRelease?: 'delete' | 'keep' | undefined;
  /** A lock that this client has already is given again. */
  readonly reentrant?: boolean | undefined;
  /** One of so many slots. */
  readonly permits?: number | undefined;
}

/** A lock as its holder sees it, whichever client it comes from. */
export interface Held {
  /** The lock, where it is another than was asked for: a slot. */
  readonly key?: string | undefined;
  /** Of the row, where it is another's: it was handed over. */
  readonly resumedOf?: string | undefined;
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
  /** Clients whose locks can be handed over. */
  readonly handle?: (() => string) | undefined;
  release(): Promise<ReleaseOutcome>;
}

/** Several locks as one. */
export interface HeldTogether {
  readonly locks: readonly Held[];
  heartbeat(): Promise<void>;
  guard(items: readonly TransactItem[]): Promise<void>;
  release(): Promise<ReleaseOutcome>;
}

/** `unavailable`: others have it, and nothing else stood in the way. */
export interface Refused {
  readonly refused: 'unavailable' | 'unknown' | LostReason;
}

export const isRefused = (answer: object): answer is Refused => 'refused' in answer;

/** A client of locks on one machine. Rejects with errors that are expected of it. */
export interface Actor {
  acquire(id: string, wish: Wish): Promise<Held | Refused>;
  readonly acquireAll?: ((ids: readonly string[], wish: Wish) => Promise<HeldTogether | Refused>) | undefined;
  close(): Promise<void>;
}
