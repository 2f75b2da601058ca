import type { Item } from '../../src/oplock/condition/evaluate';
import { byAge, groupNames, keyOf, REST, type Fact, type Groups } from './facts';

/** What events make of one item: of each group the event that has its say, and the newest delete. */
export interface ItemState {
  readonly groups: ReadonlyMap<string, Fact>;
  readonly deletion?: Fact;
}

/**
 * The reference model of what the toolkit promises: the events of one item, one by one in the order of their oplocks.
 * An update replaces its groups, a delete takes everything.
 */
export const foldFacts = (facts: readonly Fact[], order = byAge): ItemState =>
  [...facts].sort(order).reduce<ItemState>((state, fact) => (fact.states === 'deleted'
    ? { groups: new Map(), deletion: fact }
    : { ...state, groups: new Map([...state.groups, ...Object.keys(fact.states).map((name) => [name, fact] as const)]) }),
  { groups: new Map() });

export interface StoredForm {
  readonly groups?: Groups;
  /** Of tombstones, epoch seconds. */
  readonly ttl: number;
  /** Default: the event's time. */
  readonly oplockOf?: (fact: Fact) => unknown;
}

/** How an item in this state is stored. */
export const storedItem = ({ groups: newest, deletion }: ItemState, { groups, ttl, oplockOf = ({ timestamp }) => timestamp }: StoredForm): Item => {
  const stamp = (suffix: string, fact: Fact): Item => ({ [`timestamp${suffix}`]: oplockOf(fact), [`oplockTie${suffix}`]: fact.id });
  const item: Record<string, unknown> = {};
  for (const fact of [deletion, ...newest.values()]) if (fact) Object.assign(item, keyOf(fact));
  // With groups the delete stays on, for older events of every group.
  if (deletion && (groups || newest.size === 0)) Object.assign(item, stamp('', deletion));
  if (deletion && groups) Object.assign(item, stamp('_deleted', deletion));
  if (newest.size === 0) return { ...item, deleted: true, ttl };
  for (const name of groupNames(groups)) {
    const fact = newest.get(name);
    if (!fact || fact.states === 'deleted') continue;
    Object.assign(item, stamp(name === REST ? '' : `_${name}`, fact));
    for (const [attribute, value] of Object.entries(fact.states[name] ?? {})) if (value !== undefined) item[attribute] = value;
  }
  return item;
};

/** The facts of each item. */
export const byItem = (facts: readonly Fact[]): readonly (readonly Fact[])[] => {
  const items = new Map<number, Fact[]>();
  for (const fact of facts) items.set(fact.key, [...items.get(fact.key) ?? [], fact]);
  return [...items.values()];
};
