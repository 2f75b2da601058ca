/** The text that names an item: equal for the same table and key whatever the order of the key's attributes. */
export const itemKey = (tableName: string, key: Readonly<Record<string, unknown>>): string =>
  JSON.stringify([tableName, ...namesInOrder(key).flatMap((name) => [name, keyValueText(key[name])])]);

const namesInOrder = (key: object): string[] => {
  const names = Object.keys(key);
  const [first = '', second = ''] = names;
  if (names.length > 2) return names.sort();
  return names.length === 2 && first > second ? [second, first] : names;
};

/** `1`, `1n` and a NumberValue of `1` are one key in DynamoDB; `'1'` is another. */
const keyValueText = (value: unknown): string => {
  if (typeof value === 'number' || typeof value === 'bigint') return `N${value}`;
  if (value instanceof Uint8Array) return `B${Buffer.from(value).toString('base64')}`;
  if (typeof value === 'object' && value !== null && 'value' in value) return `N${String(value.value)}`;
  return `S${String(value)}`;
};
