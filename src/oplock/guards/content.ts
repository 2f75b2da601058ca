import { hashText } from '../../hash';
import type { Item } from '../attempt/attempt';
import { compareBytes } from '../order';
import { equalValues } from '../value/compare';
import { numberKey, type NumberLike } from '../value/number';
import { entriesOf, memberOf, typeOf } from '../value/type';
import type { Write } from '../write';

/** What an update says about an item: all but the stamps. */
export type Content = Pick<Write, 'set' | 'remove'>;

/** A number that is equal for equal contents, and seldom for others: 32 bits. */
export const hashOf = ({ set, remove }: Content): number => hashText(`${textOf(set)}-${textOf(new Set(remove))}`);

/** Whether the item is already as the update would leave it. */
export const isContained = ({ set, remove }: Content, item: Item): boolean =>
  Object.entries(set).every(([name, value]) => equalValues(memberOf(item, name), value)) && remove.every((name) => memberOf(item, name) === undefined);

/** One text for all values that DynamoDB holds to be equal: whatever the order of names and of a set's members, and the spelling of numbers. */
const textOf = (value: unknown): string => {
  const type = typeOf(value);
  switch (type) {
    case 'S': return JSON.stringify(value);
    case 'N': return `n${numberKey(value as NumberLike)}`;
    case 'B': return `b${Buffer.from(value as Uint8Array).toString('base64')}`;
    case 'L': return `[${(value as readonly unknown[]).map(textOf).join()}]`;
    case 'M': return `{${sorted(entriesOf(value as object).map(([name, member]) => `${JSON.stringify(name)}:${textOf(member)}`))}}`;
    case 'SS': case 'NS': case 'BS': return `<${sorted([...value as ReadonlySet<unknown>].map(textOf))}>`;
    default: return String(value); // true, false, null; an empty set has no content, either
  }
};

const sorted = (texts: readonly string[]): string => [...texts].sort(compareBytes).join();
