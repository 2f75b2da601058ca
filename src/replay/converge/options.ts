import type { OplockOptions } from '../../oplock/write';
import type { Pipelines, Rule } from '../../pipelines/pipeline';
import type { Engine } from '../engines/engine';
import type { TableSpec } from '../engines/table-key';
import type { StreamEvent } from '../fixture/read';
import type { ReplaySource } from '../source';

/** What is put to the test: rules, or pipelines that are made already. */
export interface ConvergeSubject {
  readonly rules?: readonly Rule[];
  /** For what rules cannot say. A mapping in them that reads the clock is noticed only if its values differ within milliseconds. */
  readonly pipelines?: Pipelines;
}

export interface ConvergeSettings {
  /** Default `fromKinesis`. */
  readonly source?: ReplaySource;
  /** Makes the records of the events. Default: the builder of the source (`toKinesisRecords`, `toDynamodbRecords`). */
  readonly toRecords?: (events: readonly unknown[]) => StreamEvent;
  /** The key of the table. Default `pk` and `sk`, strings. */
  readonly table?: Omit<TableSpec, 'name'>;
  /** Items, as plain values, that are in the table before the first event. */
  readonly given?: readonly Readonly<Record<string, unknown>>[];
  /** As for `createHandler`. */
  readonly oplock?: OplockOptions;
  /** Attributes that may differ, at the top level of items. */
  readonly ignore?: readonly string[];
  /**
   * Also histories in which some of the events have not come yet, for views are read at such times, too. Default true.
   * False: all events come in every history.
   */
  readonly subsets?: boolean;
  /** Histories to try. Default 500. */
  readonly runs?: number;
  /** The same seed gives the same histories. Default 1. */
  readonly seed?: number;
  /** Of a failure's report: goes straight to the history that failed. Needs the same seed, events and settings. */
  readonly path?: string;
  /** Default: an in-memory one, stopped at the end. An engine that you give is left running. */
  readonly engine?: Engine;
  /** Epoch ms. Default: the latest timestamp among the events. Events that are from the future then write nothing, in any order. */
  readonly now?: number;
  /** Called after each history with the number tried so far; on the way to the smallest failing one it goes on beyond `total`. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ConvergeOptions extends ConvergeSubject, ConvergeSettings {
  /** In the order in which they happened: domain events for `fromKinesis`, `TableChange`s for `fromDynamodb`. */
  readonly events?: readonly unknown[];
  /** Or recorded ones: paths of fixtures (`.jsonl`, `.jsonl.gz`), or invocation events. */
  readonly fixtures?: readonly (string | StreamEvent)[];
}
