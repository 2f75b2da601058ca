import { setTimeout as sleep } from 'node:timers/promises';
import type { LockClientOptions } from '../../../../src/locks';
import { createLockClient } from '../../../../src/locks';
import type { Engine } from '../../../../src/replay/engines/engine';
import { tableName } from '../../engines';
import { readStream } from '../../table-stream';
import { randomFrom } from '../../things';
import { changesOf, checkRun, type Count, type Run, type Violation } from '../checker';
import { createBeliefs } from './beliefs';
import { faultyClient, type Faults } from './faulty-client';
import { createRefusals } from './refusals';
import { createVersions } from './versions';
import { runWorker } from './worker';

const LEASE_MS = 400;

const FAULTS: Faults = {
  requestLost: 0.03, responseLost: 0.04, delayed: 0.02, slowRequest: 0.03, slowResponse: 0.03, duplicated: 0.03, delayMs: 2.5 * LEASE_MS, slowMs: LEASE_MS,
};

export interface ChaosOptions {
  readonly seed: number;
  readonly workers: number;
  readonly keys: number;
  readonly ms: number;
  readonly exclusive: boolean;
  readonly client?: Partial<LockClientOptions>;
}

export interface ChaosOutcome extends Run {
  readonly violations: readonly Violation[];
  readonly faults: Readonly<Record<string, number>>;
}

/** Workers that fight for a few locks over a wire full of accidents; then the checker, on what the table's own streams have recorded. */
export const runChaos = async (engine: Engine, { seed, workers, keys, ms, exclusive, client: more = {} }: ChaosOptions): Promise<ChaosOutcome> => {
  const [locksTable, countersTable] = [tableName('chaos-locks'), tableName('chaos-counters')];
  for (const name of [locksTable, countersTable]) await engine.createTable({ name, partitionKey: 'key', stream: 'NEW_AND_OLD_IMAGES' });
  const versions = createVersions(() => performance.now());
  const refusals = createRefusals(locksTable, () => performance.now());
  const wire = faultyClient(engine.client, FAULTS, randomFrom(seed), (input, send) => versions.during(input, () => refusals.during(input, send)));
  const beliefs = createBeliefs();
  const [memory, counts] = [new Map<string, number>(), [] as Count[]];
  const names = Array.from({ length: keys }, (_unused, i) => `lock-${i}`);
  const until = performance.now() + ms;
  try {
    const clients = Array.from({ length: workers }, (_unused, i) => createLockClient({
      client: wire.client, tableName: locksTable, ownerName: `worker-${i}`, leaseMs: LEASE_MS, heartbeatMs: LEASE_MS / 4, exclusive, random: randomFrom(seed * 31 + i),
      logger: { debug: () => {}, warn: () => {}, error: () => {} }, ...more,
    }));
    await Promise.all(clients.map((locks, i) => runWorker(locks, { keys: names, client: wire.client, countersTable, beliefs, memory, counts, random: randomFrom(seed * 97 + i), until })));
    await sleep(LEASE_MS); // locks of the dead run out, so that close() gives none of them back
    await Promise.allSettled(clients.map((locks) => locks.close()));
    await wire.drained();
  } finally {
    beliefs.stop();
  }
  const changes = changesOf(await readStream(engine, await engine.streamArn(locksTable)), { partition: 'key' }, versions.windowOf);
  const written = changesOf(await readStream(engine, await engine.streamArn(countersTable)), { partition: 'key' });
  for (const { id, now } of written) if (typeof now?.w === 'string') counts.push({ id, value: Number(now.n), write: now.w });
  const run: Run = { changes, intervals: beliefs.intervals(), grants: beliefs.grants(), counts, refusals: refusals.all };
  await Promise.all([engine.dropTable(locksTable), engine.dropTable(countersTable)]);
  return { ...run, faults: wire.count(), violations: checkRun(run, { exclusive }) };
};
