import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** One write that the table has executed, whether its response arrived or not. */
export interface RecordedWrite {
  readonly pk: string;
  /** `lastModifiedBy`: which command it was. */
  readonly by: string;
  readonly timestamp: number;
  readonly operation: 'put' | 'update' | 'remove';
}

interface Input {
  readonly Item?: Record<string, unknown>;
  readonly Key?: Record<string, unknown>;
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
  readonly TransactItems?: readonly { readonly Put?: Input; readonly Update?: Input }[];
  readonly ClientRequestToken?: string;
}

/** A client over a real one that keeps a record of what the table was made to write. Stands below all injected troubles. */
export const recordingClient = (real: DynamoDBDocumentClient): { readonly client: DynamoDBDocumentClient; readonly writes: RecordedWrite[] } => {
  const writes: RecordedWrite[] = [];
  const tokens = new Set<string>();
  const send = async (command: { readonly input: Input }, options: never): Promise<unknown> => {
    const answer = await real.send(command as never, options);
    const { input } = command;
    // DynamoDB answers a repeated transaction as it answered the first, and writes nothing.
    if (input.ClientRequestToken !== undefined && tokens.has(input.ClientRequestToken)) return answer;
    if (input.ClientRequestToken !== undefined) tokens.add(input.ClientRequestToken);
    for (const one of input.TransactItems?.map(({ Put, Update }) => Put ?? Update ?? {}) ?? [input]) {
      const write = writeOf(one);
      if (write) writes.push(write);
    }
    return answer;
  };
  return { client: new Proxy(real, { get: (target, name) => (name === 'send' ? send : Reflect.get(target, name)) }), writes };
};

const writeOf = (input: Input): RecordedWrite | undefined => {
  const { Item: item, Key: key, UpdateExpression: update } = input;
  if (item) return { pk: String(item['pk']), by: String(item['lastModifiedBy']), timestamp: Number(item['timestamp']), operation: 'put' };
  if (update === undefined || !key) return undefined;
  const assigned = (attribute: string): unknown => {
    const [alias] = Object.entries(input.ExpressionAttributeNames ?? {}).find(([, name]) => name === attribute) ?? [];
    const [, placeholder] = (alias !== undefined && new RegExp(`[ ,]${alias}=(:\\d+)`).exec(update)) || [];
    return placeholder === undefined ? undefined : input.ExpressionAttributeValues?.[placeholder];
  };
  return {
    pk: String(key['pk']), by: String(assigned('lastModifiedBy')), timestamp: Number(assigned('timestamp')),
    operation: assigned('deleted') === true ? 'remove' : 'update',
  };
};
