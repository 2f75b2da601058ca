/** A group with names of its own for what it stores. */
export interface OplockGroup {
  readonly attributes: readonly string[];
  /** Attribute that holds the group's oplock. Default: `timestamp_<group>` (what `attribute` says, then the group's name). */
  readonly attribute?: string;
  /** Attribute that holds the group's tie. Default: `oplockTie_<group>`. */
  readonly tieAttribute?: string;
}

/** Groups by name: `{ profile: ['name', 'email'], address: ['street', 'city'] }`. At most 20. */
export type OplockGroups = Readonly<Record<string, readonly string[] | OplockGroup>>;

/** What the attributes in no group are called where groups are named: they share the item's own oplock. */
export const REST = 'rest';
