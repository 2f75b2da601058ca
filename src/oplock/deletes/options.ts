import type { KeyValue } from '../write';

/** The key of an item: one or two attributes. */
type Key = Readonly<Record<string, KeyValue>>;

/**
 * What a structured write whose `tombstone` is set, that is, a delete, leaves behind:
 * - `tombstone`: the item itself, with nothing but its key and the oplock of the delete, until its time to live is over.
 * - `sidecar`: nothing of the item; a row beside it has the oplock of the delete, until its time to live is over. Both are
 *   written in one transaction, and so is the first update of an item: it costs more.
 * - `physical`: nothing at all. **Whatever comes late brings the item back**: an update that is older than the delete finds
 *   nothing in its way. Right only where no event of a deleted item can come again or late.
 */
export type OnDelete = 'tombstone' | 'sidecar' | 'physical' | { readonly sidecar: SidecarOptions };

/** Where sidecars are. */
export interface SidecarOptions {
  /** Default: the table of the item. The functions' roles need to write both, and time to live must be switched on for it. */
  readonly tableName?: string;
  /**
   * The sidecar's key, from the item's: always the same for one item, and never the key of another item. Default: the last
   * attribute of the key that holds a string (by name: `sk` of `pk` and `sk`) gets `#oplock#` in front of its value.
   */
  readonly key?: (key: Key) => Key;
}
