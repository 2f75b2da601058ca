import type { Row } from '../../../../src/locks/table/request';
import type { Beside } from './replay';
import { effects, type PlainRequest } from './traces';

/** What a write is for, told from the recorded request. */
export type Purpose = 'acquire' | 'heartbeat' | 'keep' | 'delete';

export const purposeOf = (recorded: PlainRequest): Purpose => {
  if (recorded.op === 'DeleteItem') return 'delete';
  const { sets } = effects(recorded);
  if ('ownerName' in sets) return 'acquire';
  return 'isReleased' in sets ? 'keep' : 'heartbeat';
};

/** Every row that a condition of a lock can tell apart, with the versions and owners that the two requests name, and none at all. */
export const rowsFor = ({ recorded, before }: Beside, key: Row): readonly (Row | undefined)[] => {
  const named = Object.values(recorded.ExpressionAttributeValues ?? {}).filter((value) => typeof value === 'string');
  const rows: (Row | undefined)[] = [undefined, before];
  for (const recordVersionNumber of [undefined, 'another version', ...named]) {
    for (const ownerName of [undefined, 'another owner', ...named]) {
      for (const isReleased of [undefined, '1', '0', true]) {
        for (const leaseDuration of [undefined, '600']) {
          rows.push(Object.fromEntries(Object.entries({ ...key, recordVersionNumber, ownerName, isReleased, leaseDuration }).filter(([, value]) => value !== undefined)));
        }
      }
    }
  }
  return rows;
};

/** The same row, but for what ours adds to it on purpose. */
export const withoutOurs = (row: Row | undefined): Row | undefined => {
  if (!row) return undefined;
  const { acquisitionId: _, ...rest } = row;
  return rest;
};
