import { OplockStreamError } from '../../errors';
import { describeFound, quote } from '../../found';
import type { Uow } from '../../uow';
import type { Place } from '../attempt/requirement';
import type { OplockAttributes, OplockOptions } from '../options';
import { isAttributeName } from '../value/attribute-name';
import { invalidWrite } from '../value/invalid';

import type { Write } from '../write';

const MAX_SCOPE_BYTES = 200;

/** What tells the sources apart; `undefined`: nothing does. Throws `INVALID_OPTION`, also beside options that cannot work with it. */
export const sourceScopeOf = ({ sourceScope, groups, reduce, onUnversioned, onDelete }: OplockOptions, { oplock, tie }: OplockAttributes): ((uow: Uow) => unknown) | undefined => {
  if (sourceScope === undefined) return undefined;
  if (sourceScope !== 'source' && typeof sourceScope !== 'function') throw invalid(`found ${describeFound(sourceScope)} where 'source' or a function of the uow belongs`);
  if (groups !== undefined) throw invalid('it cannot go with groups, whose oplocks are compared across sources. Let each source own its attributes, and leave groups out');
  if (reduce !== undefined) throw invalid('it cannot go with reduce: keep counters in items of their own, and leave it out in the rules of the others');
  if (onUnversioned === 'reject') throw invalid('it cannot go with onUnversioned: \'reject\', for an item in which only other sources have an oplock is no stranger\'s. Leave that out');
  if (onDelete !== undefined && onDelete !== 'tombstone') throw invalid('it cannot go with onDelete, for a delete has no order among the clocks of others. Leave that out, and let each source remove its own attributes');
  if (tie.startsWith(`${oplock}_`) || oplock.startsWith(`${tie}_`)) throw invalid(`the names of its attributes begin with ${quote(oplock)} and ${quote(tie)}, and must tell oplocks and ties apart: give one of them another name`);
  return sourceScope === 'source' ? ({ origin }) => origin.sourceScope : sourceScope;
};

/** Where the item keeps the oplock of events of this scope. Throws `INVALID_WRITE` for what is no name. */
export const placeOfScope = (scope: unknown, { oplock, tie, ...others }: OplockAttributes): Place => {
  if (!isAttributeName(scope, MAX_SCOPE_BYTES)) {
    throw new OplockStreamError('INVALID_WRITE', `oplock.sourceScope: found ${describeFound(scope)} where a name of 1 to ${MAX_SCOPE_BYTES} bytes belongs, the same for all events of one clock`);
  }
  const place = { name: scope, oplock: `${oplock}_${scope}`, tie: `${tie}_${scope}` };
  const used = Object.values(others).find((name) => name === place.oplock || name === place.tie);
  if (used === undefined) return place;
  throw new OplockStreamError('INVALID_WRITE', `oplock.sourceScope: with the scope ${quote(scope)} the attribute ${quote(used)} would hold two things. Give the scope another name`);
};

/** What a write of one source among others cannot do. Throws `INVALID_WRITE`. */
export const checkScoped = ({ kind, key, set, remove }: Write, { oplock, tie, deleted, ttl }: OplockAttributes): void => {
  if (kind === 'tombstone') throw invalidWrite(['tombstone'], 'with oplock.sourceScope a delete has no order among the events of other clocks. Let each source `remove` its own attributes');
  const name = [...Object.keys(key), ...Object.keys(set), ...remove].find((one) => one.startsWith(`${oplock}_`) || one.startsWith(`${tie}_`));
  if (name !== undefined) throw invalidWrite([name], 'with oplock.sourceScope, attributes of such names hold the oplocks of sources. Rename it, or choose another name with `oplock: { attribute, tieAttribute }`');
  const shared = [deleted, ttl].find((one) => Object.hasOwn(set, one));
  if (shared !== undefined) throw invalidWrite(['set', shared], 'with oplock.sourceScope, every update of another source would remove this attribute, as it does to tombstones. Leave it out, or give theirs another name with `oplock: { ttlAttribute, deletedAttribute }`');
};

const invalid = (message: string): OplockStreamError => new OplockStreamError('INVALID_OPTION', `oplock.sourceScope: ${message}`);
