import { createHash } from 'node:crypto';
import type { Planned } from '../plan/plan';

/**
 * DynamoDB's own guard against the repetition of a transaction (for 10 minutes): made of the command's id and of what
 * is asked, because the same token with another request is an error. At most 36 characters.
 */
export const clientToken = (id: string, planned: readonly Planned[]): string =>
  createHash('sha256').update(JSON.stringify([id, planned.map(({ request }) => request)], plain)).digest('base64url').slice(0, 36);

/** What JSON has no text for. */
const plain = (_name: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return { bigint: value.toString() };
  if (value instanceof Set) return { set: [...value as Set<unknown>] };
  if (value instanceof Map) return { map: [...value as Map<unknown, unknown>] };
  return value;
};
