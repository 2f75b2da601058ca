import { takingPart, type History } from './history';

/** Pairs grow with the square of the records. */
const MAX_RECORDS = 24;

/**
 * Shrinking takes away one delivery after the other, and may end where each of three is needed though two others would do. So
 * what is left is tried once more by hand: each record alone, twice, and each two of them in the wrong order.
 */
export const findSmaller = async (history: History, fails: (history: History) => Promise<boolean>): Promise<History> => {
  const records = takingPart(history).slice(0, MAX_RECORDS);
  const twice = records.map((one) => [one, one]);
  const swapped = records.flatMap((later, i) => records.slice(0, i).map((earlier) => [later, earlier]));
  for (const order of [...swapped, ...twice]) {
    const candidate: History = { order, sizes: [], troubles: [] };
    if (weight(candidate) < weight(history) && await fails(candidate)) return candidate;
  }
  return history;
};

const weight = ({ order, sizes, troubles }: History): number => order.length + (sizes.length + troubles.length > 0 ? 1 : 0);
