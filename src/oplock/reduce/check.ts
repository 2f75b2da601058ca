import { invalidWrite } from '../value/invalid';
import type { Write } from '../write';
import type { Counters } from './counters';

/** What an item with counters cannot take. Throws `INVALID_WRITE`. */
export const checkCounted = (write: Write, { managed }: Counters): void => {
  if (write.kind === 'tombstone') {
    throw invalidWrite(['tombstone'], 'of what has been counted, a delete cannot tell what came before it: keep counters in an item of their own, and declare `reduce` in the rules of that item only');
  }
  const named: readonly [string, string][] = [
    ...Object.keys(write.key).map((name): [string, string] => ['key', name]),
    ...Object.keys(write.set).map((name): [string, string] => ['set', name]),
    ...write.remove.map((name): [string, string] => ['remove', name]),
  ];
  for (const path of named) {
    if (managed.has(path[1])) throw invalidWrite(path, 'this attribute counts, or knows what has been counted: only `add` changes it. Leave it out here');
  }
};
