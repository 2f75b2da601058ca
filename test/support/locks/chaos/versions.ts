import type { Window } from '../checker';

interface Input {
  readonly Item?: Readonly<Record<string, unknown>>;
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>>;
}

const RVN = 'recordVersionNumber';

/** The version that a request gives to a row, if it gives one. */
export const versionIn = ({ Item, UpdateExpression = '', ExpressionAttributeNames = {}, ExpressionAttributeValues = {} }: Input): unknown => {
  if (Item) return Item[RVN];
  const name = Object.keys(ExpressionAttributeNames).find((alias) => ExpressionAttributeNames[alias] === RVN);
  const [, value = ''] = name === undefined ? [] : new RegExp(`${name} = (:\\w+)`).exec(UpdateExpression) ?? [];
  return ExpressionAttributeValues[value];
};

/** When each version may have been written: between the first time that it was sent and the last time that it was answered. */
export const createVersions = (now: () => number) => {
  const windows = new Map<unknown, Window>();
  return {
    windowOf: (rvn: unknown): Window | undefined => windows.get(rvn),
    /** Around the request as it goes to the table, however late that is. */
    during: async <T>(input: Input, send: () => Promise<T>): Promise<T> => {
      const rvn = versionIn(input);
      const sent = now();
      try {
        return await send();
      } finally {
        const known = windows.get(rvn);
        if (rvn !== undefined) windows.set(rvn, { from: Math.min(known?.from ?? sent, sent), to: Math.max(known?.to ?? 0, now()) });
      }
    },
  };
};
