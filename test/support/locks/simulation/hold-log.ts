import type { Hold, Moment } from '../checker';
import type { VirtualTime } from './virtual-time';

type Kept = { -readonly [K in keyof Hold]: Hold[K] };

/** Each time that a lock was given, and what became of it, in true order; `belief` tells which are of one acquisition. */
export const createHoldLog = (time: VirtualTime) => {
  const entries: { readonly belief: object; readonly hold: Kept }[] = [];
  let order = 0;
  const moment = (): Moment => ({ at: time.now(), order: (order += 1) });
  return {
    holds: (): Hold[] => entries.map(({ hold }) => ({ ...hold })),
    given: (belief: object, given: Pick<Hold, 'id' | 'node' | 'acquisitionId' | 'remainingMs'>) => {
      const hold: Kept = { ...given, granted: moment() };
      entries.push({ belief, hold });
      return {
        releaseCalled: (): void => { hold.releaseCalled = moment(); },
        released: (outcome: Hold['outcome']): void => { hold.outcome = outcome; },
      };
    },
    over: (belief: object): void => {
      for (const entry of entries) if (entry.belief === belief) entry.hold.over ??= moment();
    },
  };
};
