// The process of one side: makes its listener once, as a function does at its start, and measures what it is asked to.
// `node --expose-gc worker.js <settings as JSON>`; tasks and answers go over IPC.
import { SIDES } from './sides/sides';
import type { Listener } from './sides/settings';
import { intoMemory, nullSend, replaceSend } from './lib/fake-send';
import type { Measured, Task, WorkerSettings } from './lib/task';
import { invocationOf, thingEvents } from './lib/things';

const settings = JSON.parse(process.argv[2] ?? '{}') as WorkerSettings;
const sink = nullSend();
if (settings.sink !== 'http') replaceSend(sink.send);
const makeListener = await SIDES[settings.side].load();
const listener = makeListener(settings.listener);

const invoke = async (listen: Listener, event: Parameters<Listener>[0]): Promise<void> => {
  const response = await listen(event) as { readonly batchItemFailures?: readonly unknown[] } | undefined;
  if (response?.batchItemFailures?.length) throw new Error(`${settings.side} asks for ${response.batchItemFailures.length} records again`);
};

const measure = async ({ batches }: Task): Promise<Measured> => {
  const invocations = batches.map(invocationOf);
  const events = invocations.reduce((sum, { Records }) => sum + Records.length, 0);
  // What was left by the round before is not this one's to pay for.
  globalThis.gc?.();
  const started = performance.now();
  const cpu = process.cpuUsage();
  for (const event of invocations) await invoke(listener, event);
  const { user, system } = process.cpuUsage(cpu);
  return { events, cpuUs: user + system, wallUs: (performance.now() - started) * 1000, writes: sink.taken() };
};

const check = async ({ batches }: Task): Promise<void> => {
  const events = batches.flatMap((spec) => thingEvents(spec));
  const before = batches.flatMap((spec) => thingEvents({ ...spec, round: spec.round - 1 }));
  const wrong = await intoMemory(settings.listener.tableName, before, events, async () => {
    for (const spec of batches) await invoke(listener, invocationOf(spec));
  });
  replaceSend(sink.send);
  if (wrong.length > 0) throw new Error(`${settings.side} leaves another table: ${wrong.slice(0, 3).join('; ')}${wrong.length > 3 ? `; and ${wrong.length - 3} more` : ''}`);
};

process.on('message', (task: Task) => {
  const answer = task.check ? check(task) : measure(task);
  void answer.then(
    (measured) => process.send?.({ measured }),
    (error: unknown) => process.send?.({ error: error instanceof Error ? error.stack : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
