import type { Settings } from '../settings';
import type { Traffic } from './traffic';

/** What is left to be written of one item: the oplocks of its events, oldest first; of an event and its copy they are the same. */
export interface Write {
  readonly key: number;
  /** Place of its first event: the smaller goes first. */
  readonly index: number;
  readonly oplocks: readonly number[];
  /** Is it known that there is no item? */
  readonly isCreation: boolean;
}

/** The writes of a batch, in its order. `first` and `count`: places in `records`, which has the numbers of events. */
export const planBatch = ({ key, timestamp, creates }: Traffic, records: Int32Array, first: number, count: number, { fold, named }: Pick<Settings, 'fold' | 'named'>): readonly Write[] => {
  const eventAt = (place: number): number => records[place] as number;
  const timeOf = (place: number): number => timestamp[eventAt(place)] as number;
  const writeOf = (own: number, places: readonly number[]): Write => {
    const sorted = places.length === 1 ? places : places.toSorted((a, b) => timeOf(a) - timeOf(b));
    const oldest = sorted[0] as number;
    return { key: own, index: places[0] as number, oplocks: sorted.map(timeOf), isCreation: named === 'yes' && creates[eventAt(oldest)] === true };
  };
  const byKey = new Map<number, number[]>();
  const alone: Write[] = [];
  for (let place = first; place < first + count; place += 1) {
    const own = key[eventAt(place)] as number;
    const known = byKey.get(own);
    if (fold === 'no') alone.push(writeOf(own, [place]));
    else if (known) known.push(place);
    else byKey.set(own, [place]);
  }
  return fold === 'no' ? alone : Array.from(byKey, ([own, places]) => writeOf(own, places));
};
