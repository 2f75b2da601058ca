import type { Settings } from './settings';

interface Preset {
  readonly what: string;
  readonly settings: Partial<Settings>;
}

/** Settings to begin with; flags beside them come first. */
export const PRESETS: Readonly<Record<string, Preset>> = {
  'ticket-sale': {
    what: 'one show goes on sale: for a minute 15 times the events, half of them for 50 blocks of seats',
    settings: { rate: 200, peak: 3000, peakAt: 30, peakFor: 60, minutes: 3, keys: 20_000, hot: 0.5, hotKeys: 50, copies: 0.01, shards: 6, factor: 2, batch: 500 },
  },
  'nightly-backfill': {
    what: 'history is sent again beside live traffic, into a table that has newer data',
    settings: { rate: 300, backfill: 2000, backfillAt: 30, backfillFor: 60, minutes: 3, keys: 50_000, shards: 4, batch: 500 },
  },
  'one-hot-key': {
    what: 'a third of all events is for one item',
    settings: { rate: 1500, hot: 0.33, keys: 20_000, shards: 4, factor: 4, minutes: 3 },
  },
  'late-mobile': {
    what: 'phones that were offline: a fifth of the events is ten minutes late, and some come twice',
    settings: { rate: 1000, late: 0.2, lateBy: 600, copies: 0.05, keys: 20_000, shards: 2, factor: 2, minutes: 3 },
  },
};
