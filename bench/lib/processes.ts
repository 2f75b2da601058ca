import type { Group } from '../sides/sides';
import { figureOf, type Figure } from './result';

/** Who takes part under which name. */
export interface Named {
  readonly name: string;
  readonly label: string;
  readonly group: Group;
}

interface Stoppable {
  stop(): Promise<void>;
}

/** Starts them one by one, and stops them all at the end. */
export const withProcesses = async <P extends Stoppable, T>(start: readonly (() => Promise<P>)[], use: (processes: readonly P[]) => Promise<T>): Promise<T> => {
  const processes: P[] = [];
  try {
    for (const one of start) processes.push(await one());
    return await use(processes);
  } finally {
    await Promise.all(processes.map((one) => one.stop()));
  }
};

/** By name: what a side could not do. */
export type Troubles = Map<string, string>;

/** A peer that fails is shown as such, and the others go on. */
export const attempt = async <T>({ name, group }: Named, run: () => Promise<T>, troubles: Troubles): Promise<T | undefined> => {
  try {
    return await run();
  } catch (error) {
    if (group !== 'peer') throw error;
    const [reason = ''] = (error as Error).message.split('\n');
    troubles.set(name, `failed: ${reason.replace(/^Error: /, '')}`);
    return undefined;
  }
};

export const shown = ({ name, label, group }: Named, samples: readonly number[] = [], note?: string): Figure =>
  (samples.length === 0 ? { name, label, group, cannot: note ?? 'no figure' } : figureOf({ name, label, group }, samples, note));
