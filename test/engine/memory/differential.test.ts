import fc from 'fast-check';
import type { Engine } from '../../../src/replay/engines/engine';
import { memoryEngine } from '../../../src/replay/engines/memory';
import { describeLocal, freshTable } from '../../support/engines';
import { keysOf, moved, step, type Step } from './arbitraries';
import { ask, tableOf, type Answer } from './ask';

/** The service cancels a transaction that does not fit the items; DynamoDB Local refuses some of them, and some later than others. */
const isRefused = ({ error, reasons }: Answer): boolean => error === 'ValidationException' || (reasons?.some(({ Code }) => Code === 'ValidationError') ?? false);

const alike = (step: Step, answers: readonly Answer[]): readonly Answer[] =>
  (step.kind === 'Transact' && answers.some(isRefused) ? answers.map(({ error }) => ({ error: error === undefined ? 'none' : 'some' })) : answers);

describeLocal('the in-memory engine does what DynamoDB Local does', (local) => {
  let memory: Engine;
  let table: string;
  let serial = 0;
  const count = new Map<string, number>();

  beforeAll(async () => {
    memory = memoryEngine();
    table = await freshTable(local(), { sortKey: { name: 'sk', type: 'N' } });
    await memory.createTable({ name: table, partitionKey: 'pk', sortKey: { name: 'sk', type: 'N' } });
  });

  test('with every request, and with what it leaves', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 10 }), async (steps) => {
      const prefix = `${serial += 1}-`;
      for (const one of steps.map((each) => moved(each, prefix))) {
        const [actual, expected] = await Promise.all([ask(memory.client, table, one), ask(local().client, table, one)]);
        const kind = `${one.kind} ${expected.error ?? 'done'}`;
        count.set(kind, (count.get(kind) ?? 0) + 1);
        const [ours, theirs] = alike(one, [actual, expected]);
        expect({ one, answer: ours }).toEqual({ one, answer: theirs });
      }
      expect(await tableOf(memory, table, keysOf(prefix))).toEqual(await tableOf(local(), table, keysOf(prefix)));
    }), { numRuns: Number(process.env['OPLOCK_MEMORY_RUNS'] ?? 200) });
    for (const kind of ['Put done', 'Update done', 'Delete done', 'Get done', 'Update ConditionalCheckFailedException', 'Update ValidationException', 'Transact done', 'Transact TransactionCanceledException']) {
      expect(`${kind}: ${(count.get(kind) ?? 0) > 2}`).toBe(`${kind}: true`);
    }
  }, 120_000);
});
