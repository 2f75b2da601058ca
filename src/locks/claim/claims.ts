import { runOnce } from './once';
import { claimSettings } from './settings';
import { takeClaim } from './take';
import type { Claims, ClaimsOptions } from './types';

/**
 * Claims on one table: who is first does the work, others leave it. Best effort, because claims compare the wall clocks of the
 * nodes: where it must not be done twice, use a lock with a fence. One write to claim, one to end.
 *
 * Holds nothing but the client: make it once. Throws `INVALID_OPTION`.
 */
export const createClaims = (options: ClaimsOptions): Claims => {
  const settings = claimSettings(options);
  return {
    ownerName: settings.ownerName,
    tableName: settings.table.tableName,
    claim: async (key, claimOptions) => takeClaim(settings, key, claimOptions),
    once: async (key, onceOptions, run) => runOnce(settings, key, onceOptions, run),
  };
};
