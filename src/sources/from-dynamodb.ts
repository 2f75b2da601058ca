import { dynamodbSource } from './dynamodb';
import { createSource } from './source';

/**
 * Units of work from a Lambda DynamoDB Streams event: change events `<prefix>-created|updated|deleted|undeleted`
 * with the images as `event.raw`. Options and throwing as `fromKinesis`.
 */
export const fromDynamodb = /* @__PURE__ */ createSource(dynamodbSource);
