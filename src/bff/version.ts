/** What an equality oplock compares: the item's version as it is stored. */
export type Version = number | string;

/**
 * How the next version is made.
 * - `timestamp` (default): `max(now, read + 1)` in epoch ms, kept in the attribute `timestamp`: strictly monotonic for
 *   each item, so that the same attribute is the inverse oplock of whoever follows the item's changes
 * - `counter`: the read version + 1, in an attribute of its own, `version`; 1 for a new item. For tables that commands
 *   alone write: a listener's event does not move it, and once an item is gone for good it begins at 1 again
 * - a function, for versions of your own, in the attribute `version`: numbers up to 2^53, or text of up to 1,024 bytes.
 *   It must never give the same version twice for an item
 *
 * Whatever the version is, `timestamp` is written, and is strictly monotonic for each item.
 */
export type VersionStrategy = 'timestamp' | 'counter' | ((previous: Version | undefined, context: { readonly now: number }) => Version);

/** Expects an item, whatever its version (`If-Match: *`). A symbol, because any text may be a version. */
export const PRESENT: unique symbol = Symbol.for('oplock-stream.present') as never;
/** Expects no item, or a deleted one (`If-None-Match: *`). */
export const ABSENT: unique symbol = Symbol.for('oplock-stream.absent') as never;

/** What a command expects to find: exactly this version, one of these, {@link PRESENT} or {@link ABSENT}. */
export type Expected = Version | readonly Version[] | typeof PRESENT | typeof ABSENT;

/** Of a command that needs an item. */
export type ExpectedPresent = Exclude<Expected, typeof ABSENT>;
