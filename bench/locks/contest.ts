import { onLocal } from '../lib/engine';
import { attempt, withProcesses, type Named, type Troubles } from '../lib/processes';
import { startProcess, type WorkerOptions } from '../lib/worker';
import type { Result, Skipped } from '../lib/result';
import type { Bench, Row } from '../lib/bench';
import { PARTITION_KEY, SORT_KEY, type LockerSettings } from './locker';
import { LOCK_SIDES, type LockSide, type LockSideName } from './sides';
import type { LockMeasured, LockTask, LockWorkerSettings } from './task';

/** One lock client under one name; it may take part more than once, with other settings. */
export interface LockEntry extends Named {
  readonly side: LockSideName;
  readonly locker: Omit<LockerSettings, 'tableName'>;
}

/** `more`: what its label says besides. */
export const lockEntry = (side: LockSideName, locker: LockEntry['locker'], more?: { readonly name: string; readonly says: string }): LockEntry => {
  const { label, group } = LOCK_SIDES[side];
  return { name: more?.name ?? side, label: more ? `${label}${more.says}` : label, group, side, locker };
};

/** An entry whose process runs. */
export interface LockContestant {
  readonly entry: LockEntry;
  /** `undefined`: a peer that failed. */
  readonly run: <T extends LockTask>(task: T) => Promise<LockMeasured<T> | undefined>;
}

/** Each entry has a process and a table of its own in one DynamoDB Local. */
export const lockRow = (
  { id, title, entries }: { readonly id: string; readonly title: string; readonly entries: readonly LockEntry[] },
  contest: (contestants: readonly LockContestant[], bench: Bench, troubles: Troubles) => Promise<Result>,
): Row => ({
  id,
  title,
  run: (bench) => onLocal<Result | Skipped>({ id, title }, async (engine) => {
    const tableOf = ({ name }: LockEntry): string => `${id}-${name}`;
    for (const entry of entries) {
      const { sorted = false }: LockSide = LOCK_SIDES[entry.side];
      await engine.createEmpty({ name: tableOf(entry), partitionKey: PARTITION_KEY, ...(sorted && { sortKey: SORT_KEY }) });
    }
    const options: WorkerOptions = { endpoint: engine.endpoint, profile: bench.profile };
    const troubles: Troubles = new Map();
    return withProcesses(entries.map((entry) => () => startProcess<LockWorkerSettings, LockTask, unknown>(
      'locks/worker.js', { side: entry.side, locker: { ...entry.locker, tableName: tableOf(entry) } }, options,
    )), (processes) => contest(entries.map((entry, i) => ({
      entry,
      run: <T extends LockTask>(task: T) => attempt(entry, () => processes[i]?.run(task) as Promise<LockMeasured<T>>, troubles),
    })), bench, troubles));
  }),
});
