import { OplockStreamError } from '../../errors';
import { describeFound, isObject } from '../../found';
import { refuseUnknown } from '../check-options';
import type { OplockOptions } from '../options';
import type { SidecarOptions } from './options';

/** How deletes are written, checked. */
export type Deleting = { readonly kind: 'tombstone' } | { readonly kind: 'physical' } | { readonly kind: 'sidecar'; readonly options: SidecarOptions };

/** @throws OplockStreamError `INVALID_OPTION` */
export const deletingOf = ({ onDelete = 'tombstone', groups }: OplockOptions): Deleting => {
  const deleting = parse(onDelete);
  if (groups !== undefined && deleting.kind !== 'tombstone') {
    throw invalid(`'${deleting.kind}' cannot go with groups, whose oplock of the newest delete is in the item itself: leave onDelete out, and deletes become tombstones`);
  }
  return deleting;
};

const parse = (onDelete: unknown): Deleting => {
  if (onDelete === 'tombstone' || onDelete === 'physical') return { kind: onDelete };
  if (onDelete === 'sidecar') return { kind: 'sidecar', options: {} };
  if (!isObject(onDelete) || !isObject(onDelete['sidecar'])) {
    throw invalid(`found ${describeFound(onDelete)} where 'tombstone', 'sidecar', 'physical' or \`{ sidecar: { tableName, key } }\` belongs`);
  }
  refuseUnknown('oplock.onDelete', onDelete, ['sidecar']);
  refuseUnknown('oplock.onDelete.sidecar', onDelete['sidecar'], ['tableName', 'key']);
  const { tableName, key } = onDelete['sidecar'];
  if (tableName !== undefined && (typeof tableName !== 'string' || tableName === '')) throw invalid(`sidecar.tableName: found ${describeFound(tableName)} where the name of a table belongs`);
  if (key !== undefined && typeof key !== 'function') throw invalid(`sidecar.key: found ${describeFound(key)} where a function of the item's key belongs`);
  return { kind: 'sidecar', options: onDelete['sidecar'] };
};

const invalid = (message: string): OplockStreamError => new OplockStreamError('INVALID_OPTION', `oplock.onDelete: ${message}`);

/** Two sinks with the same one delete in the same way. */
export const signatureOfDeleting = (deleting: Deleting): readonly unknown[] =>
  (deleting.kind === 'sidecar' ? [deleting.kind, deleting.options.tableName, String(deleting.options.key)] : [deleting.kind]);
