/**
 * The place of an event in the total order of the events of one item: first `at`, then `tie`.
 * `at`: epoch milliseconds, or a sortable sequence where the broker's order is the oplock.
 * `tie`: compared by UTF-8 bytes, as DynamoDB compares strings; by default the event id.
 */
export interface Oplock {
  readonly at: number | string;
  readonly tie: string;
}

/** UTF-8 byte order, which is DynamoDB's. JavaScript's `<` compares UTF-16 units and differs where there are surrogates. */
export const compareBytes = (a: string, b: string): -1 | 0 | 1 => {
  if (a === b) return 0;
  let at = 0;
  while (a.charCodeAt(at) === b.charCodeAt(at)) at += 1; // ends: they differ, if only in length
  const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
  // Past the end is NaN; only a surrogate has its place elsewhere: above all other units.
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) ? -1 : 1;
  return isSurrogate(x) !== isSurrogate(y) ? (isSurrogate(y) ? -1 : 1) : (x < y ? -1 : 1);
};

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

/** -1 when `a` is older than `b`, 0 when they are the same event, 1 when `a` is newer. Both must be of one kind. */
export const compareOplocks = (a: Oplock, b: Oplock): -1 | 0 | 1 => {
  const at = typeof a.at === 'number' && typeof b.at === 'number'
    ? (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)
    : compareBytes(String(a.at), String(b.at));
  return at === 0 ? compareBytes(a.tie, b.tie) : at;
};

/** The oldest of the oplocks of these writes; there is at least one. */
export const oldestOf = (writes: readonly { readonly oplock: Oplock }[]): Oplock =>
  writes.map(({ oplock }) => oplock).reduce((a, b) => (compareOplocks(a, b) <= 0 ? a : b));
