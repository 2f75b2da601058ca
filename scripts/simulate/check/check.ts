import { cpus, loadavg } from 'node:os';
import { createTable } from '../model/table';
import { createTraffic } from '../model/traffic';
import { count, table } from '../report/format';
import { DEFAULTS, type Settings } from '../settings';
import { calibrate } from './calibrate';
import { CASES } from './cases';
import { clock } from './clock';
import { predict } from './predict';

/** Of CPU time, and of events per second: up or down. */
const TIME_TOLERANCE = 1.35;
/** Of CPU time on a machine that does other things, too: caches are shared. */
const BUSY_TOLERANCE = 1.75;
/** Of requests and write units: where writes are sent twice, it depends on which answers come together. */
const COUNT_TOLERANCE = 1.05;

/** What the model says, and what was measured. */
export interface Checked {
  readonly name: string;
  readonly predicted: Sides;
  readonly measured: Sides;
  /** Predicted to measured. */
  readonly ratio: { readonly perSecond: number; readonly cpu: number };
  readonly isClose: boolean;
}

interface Sides {
  readonly perSecond: number;
  /** us of an event, everything included. */
  readonly cpu: number;
  readonly requests: number;
  readonly units: number;
}

const isWithin = (a: number, b: number, tolerance: number): boolean => Math.max(a, b) <= Math.min(a, b) * tolerance;

/** Enough events to be measured, in batches as a backlog makes them. */
const BASE: Settings = { ...DEFAULTS, rate: 1200, minutes: 1 / 60, batch: 600, keys: 100_000, latencyTail: 0 };

/** Others use the CPUs, too: then the wall clock tells of them, and only CPU time of the handler. */
const isBusy = (): boolean => (loadavg()[0] as number) > cpus().length;

const checkOne = async (name: string, settings: Settings, timerMs: number): Promise<Checked> => {
  const traffic = createTraffic(settings);
  const measured = await clock(settings, traffic);
  const late = { ...settings, latency: settings.latency + timerMs, latencyTail: settings.latencyTail > 0 ? settings.latencyTail + timerMs : 0 };
  const { ms, cpuMs, tally } = predict(late, traffic, createTable(settings, traffic));
  const events = traffic.at.length;
  const sides = {
    predicted: { perSecond: events / ms * 1000, cpu: cpuMs / events * 1000, requests: tally.requests, units: tally.units },
    measured: { perSecond: events / measured.ms * 1000, cpu: measured.cpuMs / events * 1000, requests: measured.requests, units: measured.units },
  };
  const { predicted, measured: real } = sides;
  const isClose = isWithin(predicted.cpu, real.cpu, isBusy() ? BUSY_TOLERANCE : TIME_TOLERANCE) && (isBusy() || isWithin(predicted.perSecond, real.perSecond, TIME_TOLERANCE))
    && isWithin(tally.requests, measured.requests, COUNT_TOLERANCE) && isWithin(tally.units, measured.units, COUNT_TOLERANCE);
  return { name, ...sides, ratio: { perSecond: predicted.perSecond / real.perSecond, cpu: predicted.cpu / real.cpu }, isClose };
};

const row = ({ name, predicted, measured, ratio, isClose }: Checked): string[] => [
  name, ...[predicted.perSecond, measured.perSecond].map(count), ratio.perSecond.toFixed(2), ...[predicted.cpu, measured.cpu].map(count), ratio.cpu.toFixed(2), ...[predicted.requests, measured.requests, predicted.units, measured.units].map(count), isClose ? 'as predicted' : 'TOO FAR',
];

/** Runs the real handler and compares; gives the exit code. */
export const check = async (json: boolean, print: (text: string) => void): Promise<number> => {
  const { timerMs, ...found } = await calibrate(BASE);
  const checked: Checked[] = [];
  for (const { name, settings } of CASES) checked.push(await checkOne(name, { ...BASE, ...found, ...settings }, timerMs));
  if (json) print(`${JSON.stringify({ calibration: { ...found, timerMs }, checked }, null, 2)}\n`);
  else {
    print(`Of this machine: ${found.eventCpu.toFixed(0)} us for an event, ${found.requestCpu.toFixed(0)} us for a request, ${found.writeCpu.toFixed(0)} us for a write in it;\n`
      + `timers are ${timerMs.toFixed(2)} ms late.${isBusy() ? ' Other programs use it, so only CPU time is judged, not events per second.' : ''}\n\n`);
    print(`${table([['', 'events/s', 'measured', 'ratio', 'CPU us', 'measured', 'ratio', 'requests', 'measured', 'units', 'measured', ''], ...checked.map(row)])}\n`);
  }
  return checked.every(({ isClose }) => isClose) ? 0 : 1;
};
