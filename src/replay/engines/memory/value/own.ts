/** Sets a member that may be named `__proto__`: assignment would change the prototype instead. */
export const defineOwn = (target: Record<string, unknown>, name: string, value: unknown): void => {
  if (name === '__proto__') Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
  else target[name] = value;
};
