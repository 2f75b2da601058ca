/** What a process of its own is to do. */
export interface Script {
  readonly act: 'hold' | 'work' | 'block' | 'forget' | 'close';
  readonly endpoint: string;
  readonly table: string;
  readonly ownerName: string;
  readonly leaseMs: number;
  readonly heartbeatMs: number | false;
  /** Kills itself around a request: `after` it was executed, before its answer is known. */
  readonly dieAt?: { readonly command: 'Put' | 'Delete'; readonly when: 'before' | 'after' };
  readonly blockMs?: number;
  readonly haltingClock?: boolean;
}
