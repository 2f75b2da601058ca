import { layoutOf } from './groups/layout';
import { attributesOf, type OplockOptions } from './options';

/**
 * Whether an attribute is one in which writes keep their oplocks: the item's own, those of its groups, of its sources and
 * of its newest delete, each with its tie; the epoch; and the hash. Not `deleted` and `ttl`, which say something about the item.
 * Throws `INVALID_OPTION`.
 */
export const stampTest = (options: OplockOptions = {}): ((name: string) => boolean) => {
  const { oplock, tie, epoch, hash } = attributesOf(options);
  const layout = layoutOf(options);
  const places = layout ? [layout.deletion, ...layout.groups] : [];
  const names = new Set([oplock, tie, ...[epoch, hash].filter((name) => name !== undefined), ...places.flatMap((place) => [place.oplock, place.tie])]);
  if (options.sourceScope === undefined) return (name) => names.has(name);
  return (name) => names.has(name) || name.startsWith(`${oplock}_`) || name.startsWith(`${tie}_`);
};
