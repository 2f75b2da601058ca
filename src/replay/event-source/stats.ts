/** Counts since the start; a record that is delivered twice counts twice. */
export interface MappingStats {
  /** Records read, the filtered ones included. */
  readonly read: number;
  readonly filtered: number;
  readonly invocations: number;
  /** Invocations that threw or took too long. */
  readonly failedInvocations: number;
  readonly delivered: number;
  readonly givenUp: number;
  /** Batches that were delivered once more by `duplicate`. */
  readonly duplicated: number;
  /** Invocations under way. */
  readonly inFlight: number;
}

export type Counts = { -readonly [name in keyof MappingStats]: number };

export const createCounts = (): Counts => ({
  read: 0, filtered: 0, invocations: 0, failedInvocations: 0, delivered: 0, givenUp: 0, duplicated: 0, inFlight: 0,
});
