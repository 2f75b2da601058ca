import { invalidWrite } from '../value/invalid';
import type { Write } from '../write';
import type { GroupLayout } from './layout';

/** What an item with groups cannot take. Throws `INVALID_WRITE`. */
export const checkGrouped = (write: Write, { managed, deleted, ttl }: GroupLayout): void => {
  for (const name of Object.keys(write.key)) {
    if (managed.has(name)) throw invalidWrite(['key', name], 'the oplock options use this attribute, too. Give theirs another name');
  }
  for (const name of Object.keys(write.set)) {
    if (managed.has(name)) throw invalidWrite(['set', name], 'with groups, the toolkit alone writes this attribute. Leave it out');
    // It would need an oplock of its own, to be left or removed with the delete that brought it.
    if (write.kind === 'tombstone') throw invalidWrite(['set', name], 'with groups, a delete stores nothing of its own. Leave it out');
  }
  for (const name of write.remove) {
    if (name === deleted || name === ttl) continue; // every update removes these
    if (managed.has(name)) throw invalidWrite(['remove', name], 'the oplock stays with the item: without it an older event would win');
  }
};
