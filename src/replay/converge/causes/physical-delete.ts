import { writesTo } from '../facts';
import { code } from '../words';
import { explanation, type Cause } from './cause';

/** H2: the oplock goes with the row. */
export const physicalDelete: Cause = ({ records, items }) => {
  for (const item of items) {
    const remover = records.find((record) => writesTo(record, item).some(({ kind }) => kind === 'delete'));
    if (!remover) continue;
    const returner = records.find((record) => writesTo(record, item).some(({ kind }) => kind !== 'delete'));
    const text = returner
      ? `${remover.name} removes ${code(item)} for good, and its oplock with it: ${returner.name} that comes after it finds nothing in its way, however old it is, and brings the item back. `
      : `${remover.name} removes ${code(item)} for good, without asking for its oplock. `;
    return explanation('physical-delete', `${text}Write a tombstone instead of deleting the row: \`tombstone: true\`.`, { records: [remover, ...(returner ? [returner] : [])], items: [item] });
  }
  return undefined;
};
