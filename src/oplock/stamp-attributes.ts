import { layoutOf } from './groups/layout';
import { attributesOf, type OplockOptions } from './options';

/**
 * The attributes in which writes keep their oplocks: the item's own, those of its groups and of its newest delete, each
 * with its tie; and the epoch. Not `deleted` and `ttl`, which say something about the item. Throws `INVALID_OPTION`.
 */
export const stampAttributes = (options: OplockOptions = {}): ReadonlySet<string> => {
  const { oplock, tie, epoch } = attributesOf(options);
  const layout = layoutOf(options);
  const places = layout ? [layout.deletion, ...layout.groups] : [];
  return new Set([oplock, tie, ...(epoch === undefined ? [] : [epoch]), ...places.flatMap((place) => [place.oplock, place.tie])]);
};
