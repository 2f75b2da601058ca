// The process of one side: makes its listener once, as a function does at its start, and measures what it is asked to.
// `node --expose-gc worker.js <settings as JSON>`; tasks and answers go over IPC.
import type { KinesisStreamEvent } from 'aws-lambda';
import { createFakeSink, replaceSend } from './lib/fake-send';
import { intoMemory } from './lib/into-memory';
import { serve } from './lib/serve';
import type { Measured, Task, WorkerSettings } from './lib/task';
import { invocationOf, thingEvents, type BatchSpec } from './lib/things';
import { SIDES } from './sides/sides';

const settings = JSON.parse(process.argv[2] ?? '{}') as WorkerSettings;
const { side, sink, listener: { tableName } } = settings;
const fake = createFakeSink(sink);
if (sink !== 'http') replaceSend(fake.send);
const makeListener = await SIDES[side].load();
const listener = makeListener(settings.listener);

const invoke = async (event: KinesisStreamEvent): Promise<void> => {
  const response = await listener(event) as { readonly batchItemFailures?: readonly unknown[] } | undefined;
  if (response?.batchItemFailures?.length) throw new Error(`${side} asks for ${response.batchItemFailures.length} records again`);
};

const heapInUse = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

const measure = async (batches: readonly BatchSpec[]): Promise<Measured> => {
  const invocations = batches.map(invocationOf);
  const events = invocations.reduce((sum, { Records }) => sum + Records.length, 0);
  // Also, what the round before has left is not this one's to clear away.
  const before = heapInUse();
  const started = performance.now();
  const cpu = process.cpuUsage();
  for (const event of invocations) await invoke(event);
  const { user, system } = process.cpuUsage(cpu);
  const wallUs = (performance.now() - started) * 1000;
  return { events, cpuUs: user + system, wallUs, ...fake.taken(), keptBytes: heapInUse() - before, peakBytes: process.resourceUsage().maxRSS * 1024 };
};

const check = async (batches: readonly BatchSpec[]): Promise<void> => {
  const before = batches.flatMap((spec) => thingEvents({ ...spec, round: spec.round - 1 }));
  const wrong = await intoMemory(tableName, before, batches.flatMap((spec) => thingEvents(spec)), async () => {
    for (const spec of batches) await invoke(invocationOf(spec));
  });
  replaceSend(fake.send);
  if (wrong.length > 0) throw new Error(`${side} leaves another table: ${wrong.slice(0, 3).join('; ')}${wrong.length > 3 ? `; and ${wrong.length - 3} more` : ''}`);
};

serve<Task>((task) => (task.check ? check(task.batches) : measure(task.batches)));
