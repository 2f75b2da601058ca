import type { Row } from '../table/request';
import { SharedRowError } from './errors';
import { isBytes, type Encoded } from './value';

export type ObjectState = 'RESERVED' | 'READY' | 'FAILED' | 'REMOVED';
const STATES: ReadonlySet<unknown> = new Set<ObjectState>(['RESERVED', 'READY', 'FAILED', 'REMOVED']);

/** A row, as far as anybody needs to know it. */
export interface ObjectRow {
  readonly state: ObjectState;
  /** Changes with every write: who writes on the strength of what was read says so in the condition. */
  readonly version: string;
  readonly gen: number;
  /** Of the reservation under way, or of the one that has published or failed. */
  readonly reservationId: string | undefined;
  /** While it is reserved. */
  readonly leaseMs: number;
  /** The value, or while there is none an earlier one. */
  readonly encoded: Encoded | undefined;
  readonly hardExpiresAtMs: number | undefined;
  readonly idleMs: number | undefined;
  readonly idleExpiresAtMs: number | undefined;
  readonly retryAtMs: number;
  readonly error: string;
  /** Changes that `execute` has made, ever; and the ids of the latest, oldest first. */
  readonly executions: number;
  readonly executed: readonly string[];
}

/** @throws SharedRowError for a row that no node of ours has written */
export const parseRow = (key: string, row: Row): ObjectRow => {
  const fail = (attribute: string): never => { throw new SharedRowError(key, `its attribute ${attribute} is missing or damaged`); };
  const number = (name: string): number | undefined => {
    const found = row[name];
    return found === undefined || typeof found === 'number' ? found : fail(name);
  };
  const text = (name: string): string | undefined => {
    const found = row[name];
    return found === undefined || typeof found === 'string' ? found : fail(name);
  };
  const { state, value, encoding, executed = [] } = row;
  const leaseMs = number('leaseMs');
  if (!STATES.has(state)) return fail('state');
  if (state === 'RESERVED' && leaseMs === undefined) return fail('leaseMs');
  if (value !== undefined && !(isBytes(value) && (encoding === 'json' || encoding === 'bytes'))) return fail('value');
  if (state === 'READY' && value === undefined) return fail('value');
  if (!isTexts(executed)) return fail('executed');
  return {
    state: state as ObjectState,
    version: text('recordVersionNumber') ?? fail('recordVersionNumber'),
    gen: number('gen') ?? fail('gen'),
    reservationId: text('reservationId'),
    leaseMs: leaseMs ?? 0,
    encoded: value === undefined ? undefined : { value, encoding: encoding as Encoded['encoding'] },
    hardExpiresAtMs: number('hardExpiresAtMs'),
    idleMs: number('idleMs'),
    idleExpiresAtMs: number('idleExpiresAtMs'),
    retryAtMs: number('retryAtMs') ?? 0,
    error: text('error') ?? 'it was given up',
    executions: number('executions') ?? 0,
    executed,
  };
};

const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((one) => typeof one === 'string');
