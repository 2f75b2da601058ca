import type { Uow } from '../uow';
import type { Place } from './attempt/requirement';
import { checkOptions } from './check-options';
import { deletingOf, signatureOfDeleting, type Deleting } from './deletes/settings';
import { maxFutureSkewOf } from './future';
import { epochOf } from './guards/epoch';
import { sourceScopeOf } from './guards/source-scope';
import { checkSkipUnchanged } from './guards/unchanged';
import { onUnversionedOf } from './guards/unversioned';
import { layoutOf, type GroupLayout } from './groups/layout';
import { REST } from './groups/options';
import { attributesOf, type OplockAttributes, type OplockOptions } from './options';
import { placeSlot } from './plan/place-slot';
import type { Slot } from './plan/slot';
import { countersOf, type Counters } from './reduce/counters';

/** The oplock options of a sink, checked once, with their defaults filled in. */
export interface OplockSettings {
  readonly options: OplockOptions;
  readonly attributes: OplockAttributes;
  /** The item's own oplock: of all attributes that are in no group. */
  readonly rest: Place;
  readonly restSlot: Slot;
  /** Of items with groups. */
  readonly layout: GroupLayout | undefined;
  readonly deleting: Deleting;
  /** Of items with counters. */
  readonly counters: Counters | undefined;
  /** How far ahead of the clock an event may be, in ms. */
  readonly maxFutureSkew: number;
  /** Which edition of the mapping writes; `undefined`: rows are of none. */
  readonly epoch: number | undefined;
  /** What becomes of an item that has no oplock. */
  readonly onUnversioned: 'apply' | 'reject';
  /** Names the clock of an event, where they are told apart. */
  readonly scopeOf: ((uow: Uow) => unknown) | undefined;
  /** Writes of sinks with equal signatures go by the same rules, so they can be folded. */
  readonly signature: string;
}

/** @throws OplockStreamError `INVALID_OPTION` */
export const settingsOf = (options: OplockOptions = {}): OplockSettings => {
  checkOptions(options);
  checkSkipUnchanged(options);
  const attributes = attributesOf(options);
  const layout = layoutOf(options);
  const counters = countersOf(options, attributes, layout);
  // An item with counters takes no deletes, so it has no sidecar to look at.
  const deleting = counters ? { kind: 'tombstone' as const } : deletingOf(options);
  const rest = { name: REST, oplock: attributes.oplock, tie: attributes.tie };
  const maxFutureSkew = maxFutureSkewOf(options);
  const epoch = epochOf(options);
  const onUnversioned = onUnversionedOf(options);
  const scopeOf = sourceScopeOf(options, attributes);
  const rules = [options.by ?? 'timestamp', attributes, epoch, onUnversioned, scopeOf !== undefined, layout && [layout.deletion, layout.groups], signatureOfDeleting(deleting)];
  return { options, attributes, rest, restSlot: placeSlot(rest), layout, counters, deleting, maxFutureSkew, epoch, onUnversioned, scopeOf, signature: JSON.stringify(rules) };
};
