import {
  ConditionalCheckFailedException, DuplicateItemException, DynamoDBServiceException, IdempotentParameterMismatchException, ResourceInUseException, ResourceNotFoundException, TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { Fault } from './fault';
import { metadata } from './metadata';

const CLASSES: Readonly<Record<string, new (options: never) => DynamoDBServiceException>> = {
  ConditionalCheckFailedException, DuplicateItemException, IdempotentParameterMismatchException, ResourceInUseException, ResourceNotFoundException, TransactionCanceledException,
};

/** The error that the SDK throws for such an answer; other errors stay as they are. */
export const serviceError = (error: unknown): unknown => {
  if (!(error instanceof Fault)) return error;
  const { name, message, fields } = error;
  const known = CLASSES[name];
  const options = { ...fields, message, $metadata: metadata(400) };
  return known ? new known(options as never) : new DynamoDBServiceException({ ...options, name, $fault: 'client' });
};
