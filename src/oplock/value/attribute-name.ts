import { isWellFormed } from './well-formed';

/** Of a name that an index may need to have. */
export const MAX_INDEXED_NAME_BYTES = 255;

/** Whether options can take this for the name of an attribute, or for a part of one; the document client cannot read back `__proto__`. */
export const isAttributeName = (name: unknown, maxBytes = MAX_INDEXED_NAME_BYTES): name is string =>
  typeof name === 'string' && name !== '' && name !== '__proto__' && Buffer.byteLength(name) <= maxBytes && isWellFormed(name);
