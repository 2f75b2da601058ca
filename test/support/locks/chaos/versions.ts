import type { Window } from '../checker';

interface Input {
  readonly Item?: Readonly<Record<string, unknown>>;
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>>;
}

interface Version {
  readonly rvn: unknown;
  /** The row with this version was deleted. */
  readonly gone: boolean;
}

const RVN = 'recordVersionNumber';

/** The version that a request gives to a row, or deletes, if it does either. */
export const versionIn = ({ Item, UpdateExpression, ConditionExpression = '', ExpressionAttributeNames = {}, ExpressionAttributeValues = {} }: Input): Version | undefined => {
  if (Item) return { rvn: Item[RVN], gone: false };
  const name = Object.keys(ExpressionAttributeNames).find((alias) => ExpressionAttributeNames[alias] === RVN);
  const [, value = ''] = name === undefined ? [] : new RegExp(`${name} = (:\\w+)`).exec(UpdateExpression ?? ConditionExpression) ?? [];
  const rvn = ExpressionAttributeValues[value];
  return rvn === undefined ? undefined : { rvn, gone: UpdateExpression === undefined };
};

const keyOf = ({ rvn, gone }: Version): string => `${gone ? '-' : '+'}${String(rvn)}`;

/** When each version may have been written, or deleted: between the first time that this was sent and the last time that it was answered. */
export const createVersions = (now: () => number) => {
  const windows = new Map<string, Window>();
  return {
    windowOf: (rvn: unknown, gone: boolean): Window | undefined => windows.get(keyOf({ rvn, gone })),
    /** Around the request as it goes to the table, however late that is. */
    during: async <T>(input: Input, send: () => Promise<T>): Promise<T> => {
      const version = versionIn(input);
      const sent = now();
      try {
        return await send();
      } finally {
        const known = version && windows.get(keyOf(version));
        if (version) windows.set(keyOf(version), { from: Math.min(known?.from ?? sent, sent), to: Math.max(known?.to ?? 0, now()) });
      }
    },
  };
};
