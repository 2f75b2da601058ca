import type { Bench } from './bench';
import type { Measured, Task } from './task';
import type { Worker } from './worker';

/** Before anything counts, for all sides alike: the code gets compiled, the sockets get opened. */
export const WARM_UP = 3;

export interface Entrant<Name extends string> {
  readonly name: Name;
  readonly worker: Pick<Worker, 'run'>;
  readonly task: (round: number) => Task;
  /** Whether the side did its job; throws when not. */
  readonly verify?: (round: number, measured: Measured) => Promise<void> | void;
}

/**
 * One round of each side, then the next round, so that what slows the machine down meets all of them; each round another one
 * begins. Gives the figure of each measured round, by side.
 */
export const interleave = async <Name extends string>(
  id: string, entrants: readonly Entrant<Name>[], { rounds, progress }: Bench, figure: (measured: Measured) => number,
): Promise<ReadonlyMap<Name, readonly number[]>> => {
  const samples = new Map<Name, number[]>(entrants.map(({ name }) => [name, []]));
  for (let round = 0; round < WARM_UP + rounds; round++) {
    const first = round % entrants.length;
    for (const { name, worker, task, verify } of [...entrants.slice(first), ...entrants.slice(0, first)]) {
      progress.say(`${id}: ${round < WARM_UP ? `warm-up ${round + 1} of ${WARM_UP}` : `round ${round - WARM_UP + 1} of ${rounds}`}, ${name}`);
      const measured = await worker.run(task(round));
      await verify?.(round, measured);
      if (round >= WARM_UP) samples.get(name)?.push(figure(measured));
    }
  }
  return samples;
};

export const cpuPerEvent = ({ cpuUs, events }: Measured): number => cpuUs / events;
export const wallPerEvent = ({ wallUs, events }: Measured): number => wallUs / events;
