import fc from 'fast-check';
import type { LockEvent } from '../../../src/locks';
import { createLockClient } from '../../../src/locks/lease/client';
import { planOf } from '../../support/locks/simulation/arbitraries';
import { WORLDS } from '../../support/locks/simulation/scopes';
import { simulate } from '../../support/locks/simulation/simulate';

describe('whatever goes wrong, a client tells', () => {
  test.each(['five', 'frozen', 'slow', 'java'] as const)('of each lock that was acquired once, and of its end at most once and after that (%s)', async (name) => {
    const { scope, ...world } = WORLDS[name];
    await fc.assert(fc.asyncProperty(planOf(scope), async (plan) => {
      const told: LockEvent[] = [];
      const { grants = [] } = await simulate(plan, { ...world, createClient: (options) => createLockClient({ ...options, onEvent: (event) => { told.push(event); } }) });
      const leases = new Map<string, string[]>();
      for (const event of told) if ('acquisitionId' in event) leases.set(event.acquisitionId, [...leases.get(event.acquisitionId) ?? [], event.kind]);
      for (const kinds of leases.values()) {
        expect(kinds.indexOf('acquired')).toBe(0);
        expect(kinds.lastIndexOf('acquired')).toBe(0);
        const ends = kinds.filter((kind) => ['lost', 'released', 'release-failed'].includes(kind));
        expect(ends.length).toBeLessThanOrEqual(1);
      }
      // Those of Java clients are told by nobody.
      const granted = grants.filter(({ ownerName }) => ownerName.startsWith('node'));
      expect(leases.size).toBe(granted.length);
    }), { numRuns: 30 });
  }, 120_000);
});
