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
  /** Writes asked for; a request of 25 statements has 25. */
  readonly writes: number;
  readonly requests: number;
  /** Writes that began while another one of their item was under way. Of `timers` only. */
  readonly overtaken: number;
  /** What is left on the heap when all is done, more than before. */
  readonly keptBytes: number;
  /** The most that the process has had in memory, ever. */
  readonly peakBytes: number;
}
