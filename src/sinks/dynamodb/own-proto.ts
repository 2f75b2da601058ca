/** Levels that are looked at: DynamoDB takes 32. */
const MAX_DEPTH = 40;

/**
 * The path of a member named `__proto__`, as JSON.parse makes it, anywhere in a value. The document client turns it
 * into a prototype on the way out: the request becomes one that DynamoDB cannot read, and that it answers with an
 * error which looks worth retrying.
 */
export const findOwnProto = (value: unknown, path = '', depth = 0): string | undefined => {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || depth > MAX_DEPTH) return undefined;
  if (Object.hasOwn(value, '__proto__')) return `${path}.__proto__`;
  for (const [name, member] of Object.entries(value)) {
    const found = findOwnProto(member, `${path}.${name}`, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
};
