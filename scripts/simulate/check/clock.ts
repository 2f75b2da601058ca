import { seededRandom } from '../../../src/replay/fixture/random';
import { latencyOf } from '../model/latency';
import { createTable } from '../model/table';
import type { Traffic } from '../model/traffic';
import type { Settings } from '../settings';
import { measure, type Measured } from './measure';

const ROUNDS = 5;

/** What the real handler does with the traffic: the best of some rounds, because other programs only ever slow it down. */
export const clock = async (settings: Settings, traffic: Traffic): Promise<Measured> => {
  const all: Measured[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    all.push(await measure(settings, traffic, createTable(settings, traffic), latencyOf(settings, seededRandom(round))));
  }
  return { ...all[0] as Measured, ms: Math.min(...all.map(({ ms }) => ms)), cpuMs: Math.min(...all.map(({ cpuMs }) => cpuMs)) };
};

/** A timer of this machine fires late: ms, when nothing else is going on. */
export const timerLag = async (): Promise<number> => {
  const lags: number[] = [];
  for (let i = 0; i < 100; i += 1) {
    const start = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 5));
    lags.push(performance.now() - start - 5);
  }
  return lags.sort((a, b) => a - b)[20] as number;
};
