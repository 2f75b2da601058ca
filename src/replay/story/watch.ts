import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

interface Input {
  readonly Key?: Readonly<Record<string, unknown>>;
  readonly Item?: Readonly<Record<string, unknown>>;
  readonly TransactItems?: readonly Readonly<Record<string, Input | undefined>>[];
}

const keysOf = ({ Key, Item, TransactItems = [] }: Input): readonly Readonly<Record<string, unknown>>[] => [
  ...(Key ? [Key] : []),
  ...(Item ? [Item] : []),
  ...TransactItems.flatMap((one) => Object.values(one).flatMap((part) => (part ? keysOf(part) : []))),
];

/** Keys are compared as a person writes them: 5 and '5' look the same, and a table has keys of one type. */
const isKey = (item: Readonly<Record<string, unknown>>, wanted: Readonly<Record<string, string>>): boolean =>
  Object.entries(wanted).every(([name, text]) => String(item[name]) === text);

/** The client, and whether it was asked about the item since `look` was called last. */
export const watchItem = (client: DynamoDBDocumentClient, wanted: Readonly<Record<string, string>>): { readonly client: DynamoDBDocumentClient; look(): boolean } => {
  let asked = false;
  const send = (command: { readonly input: Input }, ...rest: never[]): unknown => {
    asked ||= keysOf(command.input).some((item) => isKey(item, wanted));
    return (client.send as (...args: unknown[]) => unknown)(command, ...rest);
  };
  return {
    client: new Proxy(client, { get: (target, name): unknown => (name === 'send' ? send : Reflect.get(target, name)) }),
    look: () => {
      const was = asked;
      asked = false;
      return was;
    },
  };
};
