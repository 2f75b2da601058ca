import type { Oplock } from '../order';
import type { Expression } from '../expression';

/** Two attributes of an item that hold an oplock: of the item, of a group, or of its newest delete. */
export interface Place {
  /** The group's name, `rest` for what is in no group. */
  readonly name: string;
  readonly oplock: string;
  readonly tie: string;
}

/** What must hold for an attempt to be taken. */
export type Requirement =
  /** Nothing is stored in the place, or something older. */
  | { readonly is: 'older'; readonly place: Place; readonly than: Oplock }
  /** Nothing, or something older, or the very same. */
  | { readonly is: 'notNewer'; readonly place: Place; readonly than: Oplock }
  | { readonly is: 'there'; readonly place: Place }
  /** Exactly what was read; `undefined`: nothing. */
  | { readonly is: 'unchanged'; readonly place: Place; readonly at: unknown; readonly tie: unknown }
  /** There is no item, or one of this epoch; one without an epoch is of epoch 0. */
  | { readonly is: 'inEpoch'; readonly attribute: string; readonly epoch: number; readonly keyAttribute: string }
  /** There is no item, or one with an oplock in some of these places. */
  | { readonly is: 'versioned'; readonly places: readonly Place[]; readonly keyAttribute: string }
  /** There is no item, or one of an older epoch. */
  | { readonly is: 'beforeEpoch'; readonly attribute: string; readonly epoch: number };

/**
 * The requirement as a condition of DynamoDB, which compares just as `compareOplocks` does. A row without a tie
 * (written before there were ties) keeps what it has.
 */
export const conditionOf = (requirement: Requirement, expression: Expression): string => {
  const { name, value } = expression;
  switch (requirement.is) {
    case 'inEpoch': {
      const [epoch, same] = [name(requirement.attribute), value(requirement.epoch)];
      return `attribute_not_exists(${requirement.epoch === 0 ? epoch : name(requirement.keyAttribute)}) OR ${epoch} = ${same}`;
    }
    case 'versioned':
      return [`attribute_not_exists(${name(requirement.keyAttribute)})`, ...requirement.places.map(({ oplock }) => `attribute_exists(${name(oplock)})`)].join(' OR ');
    case 'beforeEpoch': {
      const epoch = name(requirement.attribute);
      return `attribute_not_exists(${epoch}) OR ${epoch} < ${value(requirement.epoch)}`;
    }
    default: return conditionOfPlace(requirement, expression);
  }
};

const conditionOfPlace = (requirement: Extract<Requirement, { place: Place }>, { name, value }: Expression): string => {
  const { place } = requirement;
  const oplock = name(place.oplock);
  switch (requirement.is) {
    case 'older': case 'notNewer': {
      const [at, tie] = [value(requirement.than.at), value(requirement.than.tie)];
      const comparison = requirement.is === 'older' ? '<' : '<=';
      return `attribute_not_exists(${oplock}) OR ${oplock} < ${at} OR (${oplock} = ${at} AND ${name(place.tie)} ${comparison} ${tie})`;
    }
    case 'there': return `attribute_exists(${oplock})`;
    case 'unchanged': {
      if (requirement.at === undefined) return `attribute_not_exists(${oplock})`;
      const tie = name(place.tie);
      return `${oplock} = ${value(requirement.at)} AND ${requirement.tie === undefined ? `attribute_not_exists(${tie})` : `${tie} = ${value(requirement.tie)}`}`;
    }
  }
};
