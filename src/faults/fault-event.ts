import { createHash } from 'node:crypto';
import type { Event } from '../event';
import type { Origin } from '../uow';
import { toJson, type Json } from './to-json';

/**
 * A record that could not be handled, set aside with everything needed to understand and to resubmit it: invoke
 * the function again with `uow.record` among the `Records`. The shape is that of aws-lambda-stream's faults.
 * Plain JSON throughout.
 */
export interface FaultEvent extends Event {
  readonly type: 'fault';
  readonly partitionKey: string;
  readonly tags: Readonly<Record<string, unknown>> & { readonly pipeline: string; readonly source: string };
  readonly err: FaultError;
  readonly uow: {
    /** The record as Lambda delivered it. */
    readonly record: Json;
    /** Absent when the record could not be decoded. */
    readonly event?: Json;
    readonly pipeline: string;
  };
}

export interface FaultError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  /** Facts that an {@link OplockStreamError} carries: the field, what was found. */
  readonly details?: Json;
  readonly cause?: Json;
}

export interface FaultInput {
  readonly error: unknown;
  readonly record: unknown;
  readonly event?: Event;
  readonly origin: Origin;
  /** Id of the pipeline in which it happened; empty before any pipeline. */
  readonly pipeline: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** More tags, for example `functionname`, `region`, `stage`. */
  readonly tags?: Readonly<Record<string, unknown>>;
}

/**
 * Describes a fault. Pure, and never throws: whatever error, record and event hold is turned into JSON.
 * The id depends on the place of the record and on the pipeline alone, so a retry of the record gives the same
 * id, and several errors of one record in one pipeline are one fault.
 */
export const toFaultEvent = ({ error, record, event, origin, pipeline, now, tags }: FaultInput): FaultEvent => {
  const id = faultId(record, origin, pipeline);
  return {
    id,
    type: 'fault',
    timestamp: now,
    partitionKey: text(event?.partitionKey) || origin.key || id,
    tags: { ...(toJson(tags ?? {}) as Record<string, Json>), pipeline, source: origin.source },
    err: describeError(error),
    uow: { record: toJson(record), ...(event === undefined ? {} : { event: toJson(event) }), pipeline },
  };
};

const faultId = (record: unknown, origin: Origin, pipeline: string): string => {
  // Sequence numbers are unique in their shard only. A record so broken that it has none is known by its content.
  const place = origin.identifier === '' ? toJson(record) : origin.identifier;
  const parts = [origin.sourceScope, origin.shard, place, origin.subSequence, pipeline];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
};

const describeError = (error: unknown): FaultError => {
  const json = toJson(error);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return { name: 'NonError', message: typeof json === 'string' ? json : JSON.stringify(json) };
  }
  const { name, message, code, stack, details, cause } = json as Readonly<Record<string, Json | undefined>>;
  // An Error that defines toJSON may leave its name and message out of it.
  return {
    name: text(name) ?? readText(error, 'name') ?? 'Error',
    message: text(message) ?? readText(error, 'message') ?? JSON.stringify(json),
    ...optional('code', typeof code === 'number' ? String(code) : text(code)),
    ...optional('stack', text(stack) ?? readText(error, 'stack')),
    ...optional('details', details),
    ...optional('cause', cause),
  };
};

const optional = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const readText = (from: unknown, property: string): string | undefined => {
  try {
    return text((from as Record<string, unknown>)[property]);
  } catch {
    return undefined;
  }
};
