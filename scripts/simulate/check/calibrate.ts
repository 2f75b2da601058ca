import { createTraffic } from '../model/traffic';
import { predict } from './predict';
import { createTable } from '../model/table';
import type { Settings } from '../settings';
import { clock, timerLag } from './clock';

/** What things take on this machine. */
export type Calibration = Pick<Settings, 'eventCpu' | 'requestCpu' | 'writeCpu' | 'invokeMs'> & { readonly timerMs: number };

/**
 * From the CPU time of three runs of the real handler against an engine that answers after 2 ms: each write a request, 25 in a request, and
 * many events for each write. They have three unknowns: an event, a request, and a write in it.
 */
export const calibrate = async (settings: Settings): Promise<Calibration> => {
  const base: Settings = { ...settings, latency: 2, latencyTail: 0, hot: 0 };
  const runOf = async (more: Partial<Settings>) => {
    const own = { ...base, ...more };
    const traffic = createTraffic(own);
    const { cpuMs } = await clock(own, traffic);
    const { tally: { requests, units } } = predict(own, traffic, createTable(own, traffic));
    return { us: cpuMs * 1000, events: traffic.at.length, requests, writes: units };
  };
  // V8 gets to know the code first.
  for (const strategy of ['single', 'batch', 'single', 'batch'] as const) await runOf({ strategy });
  const single = await runOf({ strategy: 'single' });
  const batched = await runOf({ strategy: 'batch' });
  const folded = await runOf({ strategy: 'batch', hot: 1, hotKeys: 50 });
  const requestCpu = Math.max(0, (single.us / single.events - batched.us / batched.events) / (single.requests / single.events - batched.requests / batched.events));
  const ofBoth = (batched.us - requestCpu * batched.requests) / batched.events; // an event and its write
  const ofFolded = (folded.us - requestCpu * folded.requests) / folded.events;
  const [many, few] = [batched.writes / batched.events, folded.writes / folded.events];
  const writeCpu = Math.max(0, (ofBoth - ofFolded) / (many - few));
  return { eventCpu: Math.max(0, ofBoth - many * writeCpu), requestCpu, writeCpu, invokeMs: 0, timerMs: await timerLag() };
};
