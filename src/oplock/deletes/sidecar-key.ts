import { isObject } from '../../found';
import type { ItemKey } from '../attempt/attempt';
import { equalValues } from '../value/compare';
import type { OplockAttributes } from '../options';
import { planKey } from '../plan-key';
import { invalidWrite } from '../value/invalid';
import type { SidecarOptions } from './options';

/** What the keys of sidecars begin with, and those of items must not. */
export const SIDECAR_PREFIX = '#oplock#';

/** The row that holds the oplock of an item's newest delete, while there is no item. */
export interface Sidecar {
  /** `undefined`: the item's own. */
  readonly tableName: string | undefined;
  readonly key: ItemKey;
}

/** @throws OplockStreamError `INVALID_WRITE` for an item that can have no sidecar */
export const sidecarOf = (key: ItemKey, { tableName, key: keyOf }: SidecarOptions, attributes: OplockAttributes): Sidecar => {
  if (!keyOf) return { tableName, key: prefixed(key) };
  const made = keyOf({ ...key });
  if (isObject(made) && tableName === undefined && sameKey(made, key)) {
    throw invalidWrite(['key'], 'the function `onDelete.sidecar.key` gives the key of the item itself, so the delete would remove what it has to keep. Let it give another, or name another table');
  }
  return { tableName, key: planKey(made, attributes, { bytes: 0 }) };
};

/** The same whatever the order of the attributes; so one by name, not by place. */
const prefixed = (key: ItemKey): ItemKey => {
  const name = Object.keys(key).filter((one) => typeof key[one] === 'string').sort().at(-1);
  if (name === undefined) {
    throw invalidWrite(['key'], 'no attribute of it is a string, so the sidecar of a delete cannot get a key by itself. Give `oplock: { onDelete: { sidecar: { key: (key) => … } } }`');
  }
  const value = key[name] as string;
  if (value.startsWith(SIDECAR_PREFIX)) {
    throw invalidWrite(['key', name], `what begins with "${SIDECAR_PREFIX}" is the sidecar of a delete, not an item. Choose another key, or another place for sidecars with \`oplock: { onDelete: { sidecar: { key } } }\``);
  }
  return { ...key, [name]: SIDECAR_PREFIX + value };
};

const sameKey = (a: Readonly<Record<string, unknown>>, b: ItemKey): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.keys(b).every((name) => Object.hasOwn(a, name) && equalValues(a[name], b[name]));
