import { costOf, monthsOf, type Cost } from '../model/cost';
import { limitsOf } from '../model/limits';
import type { Run } from '../model/simulate';
import { durationOf } from '../model/traffic';
import { pollOf } from '../settings';

/** What one run comes to; what `--json` prints. Times in seconds, money in dollars. */
export interface Figures {
  readonly settings: Run['settings'];
  readonly events: { readonly arrived: number; readonly settled: number; readonly underWay: number; readonly waiting: number };
  readonly perSecond: { readonly arrived: number; readonly settled: number };
  readonly outcomes: { readonly applied: number; readonly superseded: number; readonly stale: number; readonly duplicate: number };
  readonly keepsUp: boolean;
  readonly iteratorAge: { readonly p50: number; readonly p99: number; readonly max: number; readonly overTime: readonly (number | null)[] };
  readonly lag: { readonly p50: number; readonly p99: number };
  readonly functions: { readonly average: number; readonly max: number; readonly invocations: number; readonly records: number; readonly seconds: number; readonly longest: number };
  readonly writes: { readonly requests: number; readonly units: number; readonly refusedUnits: number; readonly needlessUnits: number };
  readonly costOfRun: Cost;
  readonly costPerMonth: Cost;
  readonly limits: readonly string[];
}

/** The waiting records get older by this share of the time that passes, and by more than polls and windows explain. */
const FALLS_BEHIND = 0.01;

export const keepsUp = ({ settings, grownMs }: Run): boolean =>
  grownMs < Math.max(FALLS_BEHIND * durationOf(settings) / 2, 1000 + 2000 * (pollOf(settings) + settings.window));

export const figuresOf = (run: Run): Figures => {
  const { settings, tally, arrived, settled, underWay, waiting, invocations, busyMs, functions, age, lag } = run;
  const duration = durationOf(settings);
  const done = Math.max(1, invocations);
  const { applied, superseded, stale, duplicate, requests, units, refusedUnits, needlessUnits } = tally;
  return {
    settings,
    events: { arrived, settled, underWay, waiting },
    perSecond: { arrived: arrived / (duration / 1000), settled: settled / (duration / 1000) },
    outcomes: { applied, superseded, stale, duplicate },
    keepsUp: keepsUp(run),
    iteratorAge: { p50: age.percentile(0.5) / 1000, p99: age.percentile(0.99) / 1000, max: age.max() / 1000, overTime: run.ages.map((own) => (own === undefined ? null : own / 1000)) },
    lag: { p50: lag.percentile(0.5) / 1000, p99: lag.percentile(0.99) / 1000 },
    functions: { average: busyMs / duration, max: functions, invocations, records: (settled + underWay) / done, seconds: busyMs / done / 1000, longest: run.longestMs / 1000 },
    writes: { requests, units, refusedUnits, needlessUnits },
    costOfRun: costOf(run, 1),
    costPerMonth: costOf(run, monthsOf(run)),
    limits: limitsOf(run),
  };
};
