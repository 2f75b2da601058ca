import { OplockStreamError } from '../errors';
import { describeFound, isObject, quote } from '../found';

/** Names a record in messages: the kind of source, and the record's identifier there. */
export interface RecordName {
  readonly source: string;
  readonly record: string;
}

/** A record that no retry will cure. The message names the record, the field, what was found and what was expected. */
export class InvalidRecordError extends OplockStreamError {
  override readonly name: string = 'InvalidRecordError';

  constructor(name: RecordName, field: string, found: string, expected: string, cause?: unknown) {
    super(
      'INVALID_RECORD',
      `${name.source} record ${name.record === '' ? '(without identifier)' : name.record}, field ${field}: found ${found}; expected ${expected}`,
      { details: { source: name.source, record: name.record, field, found }, cause },
    );
  }
}

export interface ContractOptions {
  /** The earliest plausible event time, epoch ms. Default 1990-01-01; lower it for data that is older. */
  readonly minTimestamp?: number;
}

// A wrong unit is off by a thousand. Between these two no instant in seconds, µs or ns can be mistaken for one in
// ms, and an oplock taken from the far future by mistake would freeze its item until then.
const MIN_TIMESTAMP = Date.UTC(1990, 0, 1);
const MAX_TIMESTAMP = Date.UTC(2100, 0, 1);
const MAX_ID_BYTES = 2048;

const day = (ms: number): string => {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString().slice(0, 10);
};

/** Whether a number can be an event time in epoch ms. Fractions of a millisecond are fine: they order. */
export const isPlausibleTime = (time: number, { minTimestamp = MIN_TIMESTAMP }: ContractOptions = {}): boolean =>
  time >= minTimestamp && time <= MAX_TIMESTAMP;

/** What is wrong with an event time, or `undefined` when it is plausible epoch ms. */
export const timestampProblem = (value: unknown, options: ContractOptions = {}): { found: string; expected: string } | undefined => {
  if (typeof value === 'number' && isPlausibleTime(value, options)) return undefined;
  return {
    found: describeTimestamp(value),
    expected: `epoch milliseconds, a number from ${day(options.minTimestamp ?? MIN_TIMESTAMP)} to ${day(MAX_TIMESTAMP)} (option minTimestamp moves the lower end)`,
  };
};

const describeTimestamp = (value: unknown): string => {
  const found = describeFound(value);
  if (typeof value === 'string') {
    if (/^[+-]?\d{4,6}-\d\d-\d\d/.test(value)) return `${found}, an ISO date as text`;
    if (value.trim() !== '' && !Number.isNaN(Number(value))) return `${found}, a number as text`;
    return found;
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return found;
  if (value < 0) return `${found}, which is negative`;
  const units: readonly [number, string][] = [[1e3, 'seconds (multiply by 1000)'], [1e-3, 'microseconds (divide by 1000)'], [1e-6, 'nanoseconds (divide by 1,000,000)']];
  const unit = units.find(([factor]) => isPlausibleTime(value * factor));
  if (unit) return `${found}, which looks like ${unit[1]}`;
  return value < MIN_TIMESTAMP ? `${found}, which is ${day(value)} if milliseconds` : `${found}, which is too far in the future`;
};

/**
 * Checks the event contract: `id` a non-empty string of at most 2 KB, `type` a non-empty string, `timestamp`
 * plausible epoch ms. Returns the first violation, or `undefined` when the event is sound.
 */
export const contractViolation = (event: unknown, name: RecordName, options: ContractOptions = {}): InvalidRecordError | undefined => {
  if (!isObject(event)) return new InvalidRecordError(name, 'event', describeFound(event), 'a JSON object with id, type and timestamp');
  const { id, type, timestamp } = event;
  if (typeof id !== 'string' || id === '') return new InvalidRecordError(name, 'id', describeFound(id), 'a non-empty string, the same for every delivery of the event');
  if (Buffer.byteLength(id) > MAX_ID_BYTES) {
    return new InvalidRecordError(name, 'id', `a string of ${Buffer.byteLength(id)} bytes, starting ${quote(id.slice(0, 40))}`, `at most ${MAX_ID_BYTES} bytes`);
  }
  if (typeof type !== 'string' || type === '') return new InvalidRecordError(name, 'type', describeFound(type), 'a non-empty string such as thing-created');
  const problem = timestampProblem(timestamp, options);
  return problem && new InvalidRecordError(name, 'timestamp', problem.found, problem.expected);
};

/** Whatever went wrong while a record was read, as the fault of that record. */
export const asRecordFault = (error: unknown, name: RecordName, field = 'record'): InvalidRecordError =>
  error instanceof InvalidRecordError
    ? error
    : new InvalidRecordError(name, field, `something that could not be read (${error instanceof Error ? error.name : typeof error})`, 'a record as Lambda delivers it', error);
