import { OplockStreamError } from '../../errors';
import type { LockName } from '../errors';

/** What it takes to go on with a lock. */
export interface Handle extends LockName {
  readonly ownerName: string;
  readonly acquisitionId: string;
}

export const writeHandle = ({ key, sortKey, ownerName, acquisitionId }: Handle): string =>
  Buffer.from(JSON.stringify([1, key, sortKey ?? null, ownerName, acquisitionId])).toString('base64url');

/** Throws `INVALID_OPTION`. */
export const readHandle = (handle: string): Handle => {
  const [version, key, sortKey, ownerName, acquisitionId] = parse(handle);
  if (version !== 1 || typeof key !== 'string' || typeof ownerName !== 'string' || typeof acquisitionId !== 'string') {
    throw new OplockStreamError('INVALID_OPTION', 'resume(handle): this is no handle of a lock. It has to be the text that lock.handle() has given, unchanged');
  }
  return { key, ownerName, acquisitionId, ...(typeof sortKey === 'string' ? { sortKey } : {}) };
};

const parse = (handle: string): readonly unknown[] => {
  try {
    const value: unknown = JSON.parse(Buffer.from(handle, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
};
