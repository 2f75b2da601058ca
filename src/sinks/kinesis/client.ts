import { KinesisClient } from '@aws-sdk/client-kinesis';

/** The client used when none is given: no answer is given up after 3 s and not after the Lambda timeout. */
export const defaultClient = (): KinesisClient => new KinesisClient({ maxAttempts: 3, requestHandler: { requestTimeout: 3000 } });
