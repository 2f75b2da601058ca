import { isObject } from '../../found';
import { invalidWrite } from '../value/invalid';
import type { Deleting } from './settings';

/** What a delete that leaves no item cannot be asked for. Throws `INVALID_WRITE`. */
export const checkDelete = (tombstone: unknown, set: Readonly<Record<string, unknown>>, { kind }: Deleting): void => {
  if (kind === 'tombstone') return;
  const [name] = Object.keys(set);
  if (name !== undefined) throw invalidWrite(['set', name], `with \`onDelete: '${kind}'\` the item is removed, and nothing can be stored in it. Leave it out, or let a tombstone stay (\`onDelete: 'tombstone'\`)`);
  if (kind === 'physical' && isObject(tombstone) && tombstone['keepForDays'] !== undefined) {
    throw invalidWrite(['tombstone', 'keepForDays'], 'with `onDelete: \'physical\'` nothing is stored that could be kept. Say `tombstone: true`, or choose `onDelete: \'sidecar\'`');
  }
};
