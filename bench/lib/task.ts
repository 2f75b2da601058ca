import type { SideName } from '../sides/sides';
import type { ListenerSettings } from '../sides/settings';
import type { BatchSpec } from './things';

/**
 * Where the writes of a side end. `http`: in the engine that the environment names. In the process, in place of the
 * client's `send`: `null`: nowhere, at once; `timers`: nowhere, after the latency that was drawn for the event.
 */
export type Sink = 'http' | 'null' | 'timers';

export interface WorkerSettings {
  readonly side: SideName;
  readonly sink: Sink;
  readonly listener: ListenerSettings;
}

/** One measurement: these invocations, one after the other. */
export interface Task {
  readonly batches: readonly BatchSpec[];
  /** Into a table in memory instead, which must be right at the end. Not measured. */
  readonly check?: boolean;
}

export interface Measured {
  readonly events: number;
  readonly cpuUs: number;
  readonly wallUs: number;
  /** Of sinks in the process: writes that they took; one of 25 statements counts 25. */
  readonly writes: number;
}
