import type { Settings } from '../settings';

/** What is measured: none of them is one that was calibrated with. */
export const CASES: readonly { readonly name: string; readonly settings: Partial<Settings> }[] = [
  { name: 'single, 5 ms', settings: { latency: 5, strategy: 'single' } },
  { name: 'single, 20 ms, 4 at once', settings: { latency: 20, concurrency: 4, strategy: 'single' } },
  { name: 'batches of 25, 5 ms', settings: { latency: 5, strategy: 'batch' } },
  { name: 'batches of 5, 5 ms', settings: { latency: 5, strategy: 'batch', batchSize: 5 } },
  { name: 'single, 50 hot items', settings: { latency: 5, hot: 1, hotKeys: 50, strategy: 'single' } },
  { name: 'single, 50 hot items, not folded', settings: { latency: 5, hot: 1, hotKeys: 50, fold: 'no', strategy: 'single' } },
  { name: 'single, heavy tail', settings: { latency: 5, latencyTail: 60, strategy: 'single' } },
  { name: 'batches, late and twice', settings: { latency: 5, strategy: 'batch', keys: 500, late: 0.3, lateBy: 2, copies: 0.2 } },
  { name: 'batches, 30 % new, not named', settings: { latency: 5, strategy: 'batch', new: 0.3, named: 'no' } },
  { name: 'batches, all new, not named', settings: { latency: 5, strategy: 'batch', new: 1, named: 'no' } },
  { name: 'auto, 30 % new, not named', settings: { latency: 5, new: 0.3, named: 'no' } },
  { name: 'auto, heavy tail', settings: { latency: 5, latencyTail: 60 } },
  { name: 'partial events, late', settings: { latency: 5, keys: 500, hot: 0.3, hotKeys: 20, late: 0.3, lateBy: 2, events: 'partial', strategy: 'single' } },
];
