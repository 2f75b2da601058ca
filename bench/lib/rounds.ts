import type { Bench } from './bench';
import type { Measured } from './task';

/** Before anything counts, for all sides alike: the code gets compiled, the sockets get opened. */
export const WARM_UP = 3;

export interface Entrant<M = Measured> {
  readonly name: string;
  /** One round; `undefined` when it gave no figure. Throws when that ends the row. */
  readonly run: (round: number) => Promise<M | undefined>;
}

/**
 * One round of each side, then the next round, so that what slows the machine down meets all of them; each round another one
 * begins. Gives the figures of the measured rounds, by side.
 */
export const interleave = async <M = Measured>(
  id: string, entrants: readonly Entrant<M>[], { rounds, progress }: Pick<Bench, 'rounds' | 'progress'>, figure: (measured: M, round: number) => number,
): Promise<ReadonlyMap<string, readonly number[]>> => {
  const samples = new Map<string, number[]>(entrants.map(({ name }) => [name, []]));
  for (let round = 0; round < WARM_UP + rounds; round++) {
    const first = round % entrants.length;
    for (const { name, run } of [...entrants.slice(first), ...entrants.slice(0, first)]) {
      progress.say(`${id}: ${round < WARM_UP ? `warm-up ${round + 1} of ${WARM_UP}` : `round ${round - WARM_UP + 1} of ${rounds}`}, ${name}`);
      const measured = await run(round);
      if (measured && round >= WARM_UP) samples.get(name)?.push(figure(measured, round));
    }
  }
  return samples;
};

export const cpuPerEvent = ({ cpuUs, events }: Measured): number => cpuUs / events;
export const wallPerEvent = ({ wallUs, events }: Measured): number => wallUs / events;
