import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Image, Refusal, Window } from '../checker';
import type { Conditional } from '../condition';

interface Write extends Conditional {
  readonly TableName?: string;
  readonly Key?: Image;
  readonly Item?: Image;
  readonly ReturnValuesOnConditionCheckFailure?: string;
}

interface Input extends Write {
  readonly TransactItems?: readonly Readonly<Record<string, Write | undefined>>[];
}

/** Of an error, or of one element of a transaction. */
interface Failure {
  readonly name?: string;
  readonly Code?: string;
  readonly Item?: object;
  readonly CancellationReasons?: readonly Failure[];
}

/** Writes down every conditional write of one table, whose key is `key`, that the table refuses. */
export const createRefusals = (tableName: string, now: () => number) => {
  const all: Refusal[] = [];
  const note = (write: Write | undefined, { Item }: Failure, at: Window): void => {
    const key = write?.Key?.key ?? write?.Item?.key;
    if (!write || write.TableName !== tableName || typeof key !== 'string') return;
    const told = write.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' ? { told: { row: Item && unmarshall(Item as never) } } : {};
    all.push({ id: key, request: write, at, ...told });
  };
  return {
    all,
    /** Around the request as it goes to the table, however late that is. */
    during: async <T>(input: Input, send: () => Promise<T>): Promise<T> => {
      const from = now();
      try {
        return await send();
      } catch (error) {
        const [failure, at] = [error as Failure, { from, to: now() }];
        if (failure.name === 'ConditionalCheckFailedException') note(input, failure, at);
        failure.CancellationReasons?.forEach((reason, i) => {
          if (reason.Code === 'ConditionalCheckFailed') note(Object.values(input.TransactItems?.[i] ?? {}).find(Boolean), reason, at);
        });
        throw error;
      }
    },
  };
};
