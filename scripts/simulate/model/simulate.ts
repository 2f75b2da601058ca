import type { Settings } from '../settings';
import { addTally, createTally, type Tally } from './attempt';
import { createAgenda } from './agenda';
import { createFunction } from './function';
import { createHistogram, type Histogram } from './histogram';
import { createLanes } from './lane';
import { createTable, type Table } from './table';
import { createTraffic, durationOf, type Traffic } from './traffic';

/** What happened in the time that was looked at; all times in ms. */
export interface Run {
  readonly settings: Settings;
  readonly traffic: Traffic;
  /** As the run leaves it. */
  readonly table: Table;
  /** Of the invocations that ended in time. */
  readonly tally: Tally;
  readonly arrived: number;
  readonly settled: number;
  /** Handed to the function, but not done. */
  readonly underWay: number;
  readonly waiting: number;
  readonly invocations: number;
  /** All their time together. */
  readonly busyMs: number;
  readonly longestMs: number;
  /** Functions at once. */
  readonly functions: number;
  /** How old the last record of a batch is when the function gets it: CloudWatch's IteratorAge. */
  readonly age: Histogram;
  /** From the stream to the table. */
  readonly lag: Histogram;
  /** The largest iterator age in each of `PARTS` parts of the time; undefined: no batch began. */
  readonly ages: readonly (number | undefined)[];
  /** How much older the oldest waiting record is at the end than halfway. */
  readonly grownMs: number;
}

export const PARTS = 60;

type Happening = { readonly kind: 'start' | 'end'; readonly lane: number };

/** A discrete-event simulation. The same settings give the same run. */
export const simulate = (settings: Settings, traffic: Traffic = createTraffic(settings)): Run => {
  const end = durationOf(settings);
  const lanes = createLanes(settings, traffic);
  const table = createTable(settings, traffic);
  const serves = lanes.map((_lane, i) => createFunction(settings, traffic, table, i));
  const agenda = createAgenda<Happening>();
  const tally = createTally();
  const [age, lag] = [createHistogram(), createHistogram()];
  const ages = new Array<number | undefined>(PARTS).fill(undefined);
  const halted: number[] = [];
  let [busy, functions, invocations, busyMs, longestMs, settled, underWay] = [0, 0, 0, 0, 0, 0, 0];
  let halfway = 0;
  const oldest = (time: number): number => lanes.reduce((most, lane) => Math.max(most, lane.oldest(time)), 0);
  const putAt = (event: number | undefined): number => traffic.at[event as number] as number;

  const begin = (number: number, time: number): void => {
    const lane = lanes[number] as (typeof lanes)[number];
    const { first, count } = lane.take(time);
    const own = time - putAt(lane.records[first + count - 1]);
    age.add(own);
    const part = Math.floor((time / end) * PARTS);
    ages[part] = Math.max(own, ages[part] ?? 0);
    const served = (serves[number] as (typeof serves)[number])(lane.records, first, count);
    busy += 1;
    functions = Math.max(functions, busy);
    const done = time + served.ms;
    agenda.add(done, { kind: 'end', lane: number });
    busyMs += Math.min(end, done) - time;
    longestMs = Math.max(longestMs, served.ms);
    invocations += 1;
    if (done > end) underWay += count;
    else {
      addTally(tally, served.tally);
      settled += count;
      for (let place = first; place < first + count; place += 1) lag.add(done - putAt(lane.records[place]));
    }
  };

  const plan = (lane: number, time: number): void => {
    const at = (lanes[lane] as (typeof lanes)[number]).readyAt(time);
    if (at < end) agenda.add(at, { kind: 'start', lane });
  };

  lanes.forEach((_lane, i) => plan(i, 0));
  for (let next = agenda.next(); next && next.at < end; next = agenda.next()) {
    const { at: time, what: { kind, lane } } = next;
    if (halfway === 0 && time >= end / 2) halfway = oldest(end / 2);
    if (kind === 'start') {
      if (busy < settings.functions) begin(lane, time);
      else halted.push(lane);
    } else {
      busy -= 1;
      plan(lane, time);
      const freed = halted.shift();
      if (freed !== undefined) begin(freed, time);
    }
  }
  const arrived = traffic.at.length;
  return {
    settings, traffic, table, tally, arrived, settled, underWay, waiting: arrived - settled - underWay,
    invocations, busyMs, longestMs, functions, age, lag, ages, grownMs: oldest(end) - halfway,
  };
};
