/** Gathers what stands behind the placeholders of a request's expressions; a name or value has one placeholder. */
export interface Expression {
  /** `#0`, `#1`, … */
  name(attribute: string): string;
  /** `:0`, `:1`, … */
  value(value: unknown): string;
  /** The fields of the request; what would be empty is not there. */
  attributes(): { ExpressionAttributeNames?: Record<string, string>; ExpressionAttributeValues?: Record<string, unknown> };
}

export const createExpression = (): Expression => {
  const names = new Map<string, string>();
  const values = new Map<unknown, string>();
  const placeholder = <K>(known: Map<K, string>, key: K, sign: string): string => {
    const found = known.get(key) ?? `${sign}${known.size}`;
    known.set(key, found);
    return found;
  };
  const byPlaceholder = <K>(known: Map<K, string>): Record<string, K> => Object.fromEntries([...known].map(([key, name]) => [name, key]));
  return {
    name: (attribute) => placeholder(names, attribute, '#'),
    value: (value) => placeholder(values, value, ':'),
    attributes: () => ({
      ...(names.size > 0 && { ExpressionAttributeNames: byPlaceholder(names) }),
      ...(values.size > 0 && { ExpressionAttributeValues: byPlaceholder(values) }),
    }),
  };
};
