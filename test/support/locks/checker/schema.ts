import type { Change, Image, Violation } from './history';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const MILLISECONDS = /^(?:0|[1-9]\d*)$/;

const RULES: Readonly<Record<string, (value: unknown) => boolean>> = {
  ownerName: (value) => typeof value === 'string' && value !== '',
  leaseDuration: (value) => typeof value === 'string' && MILLISECONDS.test(value),
  recordVersionNumber: (value) => typeof value === 'string' && UUID.test(value),
  isReleased: (value) => value === undefined || value === '1',
  data: (value) => value === undefined || value instanceof Uint8Array || ArrayBuffer.isView(value),
};

export const misfits = (row: Image): string[] => Object.keys(RULES).filter((name) => !RULES[name]?.(row[name]));

/** I8: every row can be read by a Java client (LOCKS 1.1 and 1.9). */
export const checkSchema = (changes: readonly Change[]): Violation[] => changes.flatMap(({ id, now }) =>
  (now ? misfits(now) : []).map((name): Violation => ({ invariant: 'I8', id, problem: `${name} is ${JSON.stringify(now?.[name])}` })));
