import { kinesisSource } from './kinesis';
import { createSource } from './source';

/**
 * Units of work from a Lambda Kinesis event: `fromKinesis(event)`, or `fromKinesis(event, { context, publishFault, … })`
 * so that retries stay within the invocation's time and what cannot be handled is set aside.
 * Throws when it is not a Kinesis event; a bad record in it becomes a fault, and the others go on.
 */
export const fromKinesis = /* @__PURE__ */ createSource(kinesisSource);
