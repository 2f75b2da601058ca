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
  | { readonly is: 'beforeEpoch'; readonly attribute: string; readonly epoch: number }
  | { readonly is: 'absent'; readonly attribute: string }
  /** Nothing is stored in the attribute, or another number. */
  | { readonly is: 'differs'; readonly attribute: string; readonly from: number }
  /** Nothing is stored in the attribute, or something lower. */
  | { readonly is: 'lower'; readonly attribute: string; readonly than: string | number }
  /** Nothing is stored in the attribute, or a set without this member. */
  | { readonly is: 'without'; readonly attribute: string; readonly member: string };

/**
 * The requirement as a condition of DynamoDB, which compares just as `compareOplocks` does. A row without a tie
 * (written before there were ties) keeps what it has.
 */
export const conditionOf = (requirement: Requirement, expression: Expression): string => {
  if ('place' in requirement) return conditionOfPlace(requirement, expression);
  const { name, value } = expression;
  if (requirement.is === 'versioned') {
    return [`attribute_not_exists(${name(requirement.keyAttribute)})`, ...requirement.places.map(({ oplock }) => `attribute_exists(${name(oplock)})`)].join(' OR ');
  }
  const attribute = name(requirement.attribute);
  switch (requirement.is) {
    case 'inEpoch': {
      const same = value(requirement.epoch);
      return `attribute_not_exists(${requirement.epoch === 0 ? attribute : name(requirement.keyAttribute)}) OR ${attribute} = ${same}`;
    }
    case 'beforeEpoch': return `attribute_not_exists(${attribute}) OR ${attribute} < ${value(requirement.epoch)}`;
    case 'absent': return `attribute_not_exists(${attribute})`;
    case 'differs': return `attribute_not_exists(${attribute}) OR ${attribute} <> ${value(requirement.from)}`;
    case 'lower': return `attribute_not_exists(${attribute}) OR ${attribute} < ${value(requirement.than)}`;
    case 'without': return `attribute_not_exists(${attribute}) OR NOT contains(${attribute},${value(requirement.member)})`;
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
