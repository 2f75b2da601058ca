import { types } from 'node:util';

/**
 * Also true for errors of another realm: test runners give each file its own globals, so that an error made by Node
 * itself is no `instanceof Error` there. `DOMException` (aborts, timeouts of fetch) is known by its fields.
 */
export const isError = (value: unknown): value is Error => {
  if (value instanceof Error || types.isNativeError(value)) return true;
  try {
    return Object.prototype.toString.call(value) === '[object DOMException]';
  } catch {
    return false;
  }
};
