import fc from 'fast-check';
import { materialize } from '../../src/flavors/materialize';
import type { Item } from '../../src/oplock/condition/evaluate';
import type { OplockOptions, WriteRequest } from '../../src/oplock/write';
import type { Uow } from '../../src/uow';
import { NOW, T } from '../unit/oplock/uow';
import { GROUPS, REST, type Fact } from './facts';
import { foldFacts, storedItem } from './reference';

/** Options that meet in one table, and what is there before the first event of any item comes. */
export interface Meeting {
  readonly grouped: boolean;
  readonly onDelete: 'tombstone' | 'sidecar';
  readonly epoch: number | undefined;
  readonly onUnversioned: 'apply' | 'reject';
  /** `some`: three rules, of which one does not fold. */
  readonly fold: boolean | 'some';
  readonly before: 'nothing' | 'unversioned' | 'older epoch' | 'newer epoch' | 'an update' | 'a delete';
}

const TTL = NOW / 1000 + 400 * 86_400;
const EPOCH = 3;
export const KEYS = [0, 1];

/** All that may be asked for together. */
export const meetings: fc.Arbitrary<Meeting> = fc.record({
  grouped: fc.boolean(),
  onDelete: fc.constantFrom<Meeting['onDelete'][]>('tombstone', 'sidecar'),
  epoch: fc.constantFrom(undefined, 0, EPOCH),
  onUnversioned: fc.constantFrom<Meeting['onUnversioned'][]>('apply', 'reject'),
  fold: fc.constantFrom<Meeting['fold'][]>(true, 'some', false),
  before: fc.constantFrom<Meeting['before'][]>('nothing', 'unversioned', 'older epoch', 'newer epoch', 'an update', 'a delete'),
}).filter(({ grouped, onDelete, epoch, before }) =>
  !(onDelete === 'sidecar' && (grouped || epoch !== undefined))
  && (before !== 'older epoch' || epoch === EPOCH) && (before !== 'newer epoch' || epoch !== undefined));

export const groupsOf = ({ grouped }: Meeting) => (grouped ? { groups: GROUPS } : {});

/** Without the groups. */
export const oplockOf = ({ grouped, onDelete, epoch, onUnversioned }: Meeting): Omit<OplockOptions, 'groups'> =>
  ({ onUnversioned, ...(epoch !== undefined && { epoch }), ...(!grouped && { onDelete }) });

export const rulesOf = ({ fold }: Meeting) => (toWrite: (uow: Uow) => WriteRequest): readonly object[] => (fold !== 'some'
  ? [{ id: 'thing', flavor: materialize, toWrite, fold }]
  : [0, 1, 2].map((n) => ({
    id: `thing-${n}`, flavor: materialize, toWrite, fold: n > 0,
    filters: ({ event }: Uow) => (event as unknown as { readonly index: number }).index % 3 === n,
  })));

const keyOf = (n: number) => ({ pk: `item-${n}`, sk: 'thing' });

/** The items that are there before. */
export const given = (meeting: Meeting): readonly Item[] => KEYS.flatMap((n) => present(givenOf(n, meeting)));

const present = (item: Item | undefined): readonly Item[] => (item ? [item] : []);

const givenOf = (n: number, meeting: Meeting): Item | undefined => {
  const first = earlier(n, meeting);
  if (first) return stored([first], meeting);
  switch (meeting.before) {
    case 'unversioned': return { ...keyOf(n), size: 99 };
    // Newer than all events by its oplocks, one of them by that of a delete; and without an epoch a row is of an older one.
    case 'older epoch': return { ...keyOf(n), size: 99, old: 1, timestamp: T + 100, oplockTie: 'z', timestamp_deleted: T + 50, oplockTie_deleted: 'z', ...(n === 0 && { oplockEpoch: EPOCH - 1 }) };
    case 'newer epoch': return { ...keyOf(n), size: 99, timestamp: T - 100, oplockTie: 'z', oplockEpoch: EPOCH + 1 };
    default: return undefined;
  }
};

/** What is in the table may be of an event like the others. */
const earlier = (n: number, { before, grouped }: Meeting): Fact | undefined => {
  const fact = { id: 'b-earlier', key: n, timestamp: T + 2 };
  if (before === 'a delete') return { ...fact, states: 'deleted' };
  return before === 'an update' ? { ...fact, states: { [REST]: { size: 1 }, ...(grouped && { address: { street: 's' } }) } } : undefined;
};

const stored = (some: readonly Fact[], meeting: Meeting): Item => {
  const item = { ...storedItem(foldFacts(some), { ttl: TTL, ...groupsOf(meeting) }), ...(meeting.epoch !== undefined && { oplockEpoch: meeting.epoch }) };
  return meeting.onDelete === 'sidecar' && 'deleted' in item ? { ...item, sk: '#oplock#thing' } : item;
};

/** The reference model: what these events leave of what was there before. */
export const expected = (meeting: Meeting) => (delivered: readonly Fact[]): readonly Item[] => KEYS.flatMap((n) => {
  const { before, grouped, epoch, onUnversioned } = meeting;
  const some = delivered.filter(({ key }) => key === n);
  if (some.length === 0 || before === 'newer epoch' || (before === 'unversioned' && onUnversioned === 'reject')) return present(givenOf(n, meeting));
  const first = earlier(n, meeting);
  const item = stored([...(first ? [first] : []), ...some], meeting);
  // What has no oplock stays until an event says something else, or an epoch begins.
  const isReplaced = epoch === EPOCH || some.some(({ states }) => states === 'deleted' || !grouped || Object.hasOwn(states, REST));
  return present(before === 'unversioned' && !isReplaced ? { ...item, size: 99 } : item);
});
