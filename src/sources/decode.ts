import type { Event } from '../event';
import type { OplockStreamError } from '../errors';
import type { Origin } from '../uow';

/** One event found in a record, or why there is none. An aggregated record yields several. */
export type Decoded<R = unknown> =
  | { readonly record: R; readonly origin: Origin; readonly event: Event }
  | { readonly record: R; readonly origin: Origin; readonly error: OplockStreamError }
  /** Seen and left out on purpose (a TTL delete, a replica, a `skip` tag): counted as `filtered`. */
  | { readonly record: R; readonly origin: Origin; readonly event: Event; readonly skip: string };

/** How one kind of Lambda event is read. Pure: no I/O, no clock but `now`. */
export interface SourceDescriptor<LambdaEvent, R, Options> {
  readonly name: string;
  /** The records of a Lambda event; throws an `OplockStreamError` when it is the wrong kind of event altogether. */
  records(event: LambdaEvent): readonly unknown[];
  /** Never throws for a bad record: returns the error. */
  decode(record: unknown, options: Options): readonly Decoded<R>[];
}
