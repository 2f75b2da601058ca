import type { FaultEvent } from './fault-event';

/**
 * Sets one fault aside, for example by putting it on an event bus or a queue. Resolves once it is stored for
 * good; when it rejects, the record is reported to Lambda instead. Called one fault after the other.
 * The id of a fault is the same on every attempt, so a store keyed by `fault.id` holds each fault once.
 */
export type FaultPublisher = (fault: FaultEvent) => Promise<unknown>;
