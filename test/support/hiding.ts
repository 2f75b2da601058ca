import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

interface Answer {
  readonly Responses?: readonly { readonly Error?: { Item?: unknown } }[];
}

/** Like DynamoDB, but for its answer to a refusal, of a statement, too: so that a read has to stand in. */
export const hidingOldItems = (client: DynamoDBDocumentClient): DynamoDBDocumentClient => new Proxy(client, {
  get: (target, name) => (name !== 'send' ? Reflect.get(target, name) as unknown : async (command: never, options: never) => {
    try {
      const answer = await (target.send(command, options) as Promise<Answer>);
      for (const { Error: error } of answer.Responses ?? []) delete error?.Item;
      return answer;
    } catch (error) {
      delete (error as { Item?: unknown }).Item;
      throw error;
    }
  }),
});
