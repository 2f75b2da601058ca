import { equalValues } from '../oplock/value/compare';
import type { Changes } from './commands';

/** A field that both sides changed, each to something else. `undefined` where a side has no such field. */
export interface Unresolved {
  readonly field: string;
  readonly base: unknown;
  readonly mine: unknown;
  readonly theirs: unknown;
}

export interface Merged<T extends object> {
  /** Every field as the side that changed it has it; an unresolved one as it is in `base`. */
  readonly merged: T;
  /** Fields for a person, or a rule of yours, to decide. Sorted by name. */
  readonly unresolved: readonly Unresolved[];
}

/**
 * Merges two versions of an item that began as the same one, by its top-level fields: `base` is what both sides have
 * read, `mine` and `theirs` are what they made of it. A field that one side changed is that side's; both sides
 * changing it to the same value agree; anything else is unresolved. It never picks a side in silence.
 *
 * Values are compared as DynamoDB compares them: sets without regard to order, numbers by value, bytes by content.
 * A field that is `undefined`, or an empty Set, is one that is not there.
 *
 * Give it all three with the toolkit's own attributes, or all three without (`withoutManaged`).
 */
export const merge = <T extends object>(base: T, mine: T, theirs: T): Merged<T> => {
  const merged: [string, unknown][] = [];
  const unresolved: Unresolved[] = [];
  for (const field of fieldsOf(base, mine, theirs)) {
    const values = { base: fieldOf(base, field), mine: fieldOf(mine, field), theirs: fieldOf(theirs, field) };
    const decided = decide(values);
    if (!decided) unresolved.push({ field, ...values });
    const value = decided ? decided.value : values.base;
    if (value !== undefined) merged.push([field, value]);
  }
  return { merged: Object.fromEntries(merged) as T, unresolved };
};

const decide = ({ base, mine, theirs }: Omit<Unresolved, 'field'>): { readonly value: unknown } | undefined => {
  if (same(mine, theirs) || same(base, theirs)) return { value: mine };
  return same(base, mine) ? { value: theirs } : undefined;
};

/**
 * The changes that make `next` of `current`: what a PUT of the whole state needs, which knows the result and not the
 * way there. Fields that `next` does not have are removed, as are those that are `null` there. Fields in `ignore` are
 * left as they are: name the key's attributes, and what clients may not set.
 */
export const changesBetween = <T extends object>(current: T, next: Partial<T>, ignore: readonly string[] = []): Changes<T> => {
  const changes = fieldsOf(current, next)
    .filter((field) => !ignore.includes(field))
    .flatMap((field): [string, unknown][] => {
      const [before, after] = [fieldOf(current, field), fieldOf(next, field) ?? null];
      return same(before ?? null, after) ? [] : [[field, after]];
    });
  return Object.fromEntries(changes) as Changes<T>;
};

const fieldsOf = (...items: readonly object[]): readonly string[] => [...new Set(items.flatMap((item) => Object.keys(item)))].sort();

const fieldOf = (item: object, field: string): unknown => {
  const value = Object.hasOwn(item, field) ? (item as Record<string, unknown>)[field] : undefined;
  return value instanceof Set && value.size === 0 ? undefined : value;
};

/** What DynamoDB cannot hold equals nothing but itself: rather unresolved than lost. */
const same = (a: unknown, b: unknown): boolean => Object.is(a, b) || equalValues(a, b);
