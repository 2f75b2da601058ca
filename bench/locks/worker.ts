// The process of one lock client: `node locks/worker.js <settings as JSON>`; tasks and answers go over IPC.
import { serve } from '../lib/serve';
import { measureHandOver, totalOf } from './hand-over';
import { createHold } from './hold';
import { measurePairs } from './pairs';
import { createConnection, recording } from './recorder';
import { LOCK_SIDES } from './sides';
import type { LockTask, LockWorkerSettings } from './task';

const { side, locker: settings } = JSON.parse(process.argv[2] ?? '{}') as LockWorkerSettings;
const makeLocker = await LOCK_SIDES[side].load();
const connection = createConnection();
const { client, calls } = recording(connection);
const locker = makeLocker(client, settings);
const hold = createHold(locker, calls, settings.leaseMs);

serve<LockTask>(async (task) => {
  switch (task.kind) {
    case 'pairs': return measurePairs(locker, calls, task.keys);
    case 'hand-over':
      return totalOf(await Promise.all(task.keys.map((key) => {
        const waiting = recording(connection);
        return measureHandOver(key, locker, { lockers: Array.from({ length: task.nodes - 1 }, () => makeLocker(waiting.client, settings)), calls: waiting.calls });
      })));
    case 'take': return hold.take(task.keys);
    case 'keep': return hold.keep(task.ms);
    case 'give': return hold.give();
  }
});
