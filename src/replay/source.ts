import type { InvocationSettings } from '../ledger/invocation';
import type { AnyStream } from '../pipelines/pipeline';

/** `fromKinesis`, `fromDynamodb`, or another function that makes a stream of units of work from a Lambda event. */
export type ReplaySource = (event: never, options?: InvocationSettings) => AnyStream;
