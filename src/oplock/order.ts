/**
 * The place of an event in the total order of the events of one item: first `at`, then `tie`.
 * `at`: epoch milliseconds, or a sortable sequence where the broker's order is the oplock.
 * `tie`: compared by UTF-8 bytes, as DynamoDB compares strings; by default the event id.
 */
export interface Oplock {
  readonly at: number | string;
  readonly tie: string;
}

/** UTF-8 byte order, which is DynamoDB's. JavaScript's `<` compares UTF-16 units and differs beyond the BMP. */
export const compareBytes = (a: string, b: string): -1 | 0 | 1 => {
  const order = Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
  return order < 0 ? -1 : order > 0 ? 1 : 0;
};

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
