import type { DeleteCommandInput, PutCommandInput, UpdateCommandInput } from '@aws-sdk/lib-dynamodb';

/** A row, in plain values. */
export type Row = Readonly<Record<string, unknown>>;

/** One conditional write, as data: what the plans make and the table sends. The table's name is added when it is sent. */
export type LockRequest =
  | { readonly op: 'put'; readonly key: Row; readonly input: Omit<PutCommandInput, 'TableName'> }
  | { readonly op: 'update'; readonly input: Omit<UpdateCommandInput, 'TableName'> }
  | { readonly op: 'delete'; readonly input: Omit<DeleteCommandInput, 'TableName'> };

/**
 * What came of a request:
 * - `done`: it was executed; `item` is what its ReturnValues asked for, or what was read
 * - `refused`: its condition was false; `item` is the row as it stood, absent where there is none. `attempts` of the SDK:
 *   with more than one, an earlier of them may have been executed
 * - `failed`: no answer, or an error; whatever was asked may have happened, at any time up to now or even later.
 *   `permanent`: asking again is pointless (no permission, no table, a faulty request)
 */
export type Answer = Done | Refused | Failed;
export interface Done {
  readonly kind: 'done';
  readonly item?: Row;
}
export interface Refused {
  readonly kind: 'refused';
  readonly item?: Row;
  readonly attempts: number;
}
export interface Failed {
  readonly kind: 'failed';
  readonly error: unknown;
  readonly permanent: boolean;
}
