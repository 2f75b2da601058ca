import { writesTo } from '../facts';
import { code } from '../words';
import { explanation, type Cause } from './cause';

const CURE = 'Let something stay that remembers when it was deleted: a tombstone (`tombstone: true` in a structured write, with `onDelete: \'tombstone\'`, the default) or a sidecar (`onDelete: \'sidecar\'`).';

/** H2: the oplock goes with the row. */
export const physicalDelete: Cause = ({ records, items }) => {
  for (const item of items) {
    const remover = records.find((record) => writesTo(record, item).some(({ kind }) => kind === 'delete'));
    if (!remover) continue;
    const returner = records.find((record) => writesTo(record, item).some(({ kind }) => kind !== 'delete'));
    const text = returner
      ? `${remover.name} removes ${code(item)} for good, and its oplock with it: ${returner.name} that comes after it finds nothing in its way, however old it is, and brings the item back. `
      : `${remover.name} removes ${code(item)} for good, and nothing remembers when. `;
    return explanation('physical-delete', `${text}${CURE}`, { records: [remover, ...(returner ? [returner] : [])], items: [item] });
  }
  return undefined;
};
