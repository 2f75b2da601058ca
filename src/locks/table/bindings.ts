/** The names and values of the expressions of one request: every attribute by a placeholder, since its name can be a reserved word, or hold any character. */
export interface Bindings {
  name(attribute: string): string;
  value(value: unknown): string;
  /** What the request needs to know of them; DynamoDB refuses empty maps. */
  given(): { readonly ExpressionAttributeNames: Record<string, string>; readonly ExpressionAttributeValues?: Record<string, unknown> };
}

export const bindings = (): Bindings => {
  const names = new Map<string, string>();
  const values: Record<string, unknown> = {};
  return {
    name: (attribute) => {
      const known = names.get(attribute) ?? `#n${names.size}`;
      names.set(attribute, known);
      return known;
    },
    value: (value) => {
      const placeholder = `:v${Object.keys(values).length}`;
      values[placeholder] = value;
      return placeholder;
    },
    given: () => ({
      ExpressionAttributeNames: Object.fromEntries([...names].map(([attribute, placeholder]) => [placeholder, attribute])),
      ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
    }),
  };
};

export const equals = ({ name, value }: Bindings, attribute: string, expected: unknown): string => `${name(attribute)} = ${value(expected)}`;
