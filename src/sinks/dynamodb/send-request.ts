import { DeleteCommand, PutCommand, TransactWriteCommand, UpdateCommand, type DynamoDBDocumentClient, type UpdateCommandOutput } from '@aws-sdk/lib-dynamodb';
import type { RenderedWrite } from '../../oplock/attempt/render';
import { refuseCachingNow } from './caching';

/** Sends one conditional write. Throws `UNSAFE_CLIENT`. */
export const sendRequest = (client: DynamoDBDocumentClient, request: RenderedWrite, abortSignal: AbortSignal): Promise<UpdateCommandOutput> => {
  refuseCachingNow(client);
  const options = { abortSignal };
  switch (request.command) {
    case 'update': return client.send(new UpdateCommand(request.input), options);
    case 'put': return client.send(new PutCommand(request.input), options);
    case 'delete': return client.send(new DeleteCommand(request.input), options);
    case 'transact': return client.send(new TransactWriteCommand(request.input), options).then(({ $metadata }) => ({ $metadata }));
  }
};
