import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadRules } from '../../src/cli/rules-module';
import type { Engine } from '../../src/replay/engines/engine';
import { replay, type ReplayOptions } from '../../src/replay/replay';
import { diffTables, renderDiff } from '../../src/replay/table/diff';
import { readTableFile } from '../../src/replay/table/file';
import { describeEmbedded, describeLocal, describeMemory } from '../support/engines';

const HAZARDS = resolve('fixtures/hazards');
const names = readdirSync(HAZARDS, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);

const importModule = (path: string): Promise<unknown> => import(path);

const tests = (engine: () => Engine): void => {
  const outcomeOf = async (name: string, order: Partial<ReplayOptions>) => {
    const folder = join(HAZARDS, name);
    const module = await loadRules(join(folder, 'rules.mjs'), importModule);
    const result = await replay({ ...module, fixtures: [join(folder, 'events.jsonl')], engine: engine(), ...order });
    const expected = await readTableFile(join(folder, 'expected.json'));
    return { result, difference: renderDiff(diffTables(result.rows, expected, module.table)) };
  };

  test.each(names)('%s: as recorded, and shuffled with duplicates, it ends in the expected table', async (name) => {
    const recorded = await outcomeOf(name, {});
    expect(recorded.difference).toBe('The table is as expected.');
    const { events, outcomes, undelivered } = recorded.result;
    expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(events);
    expect(undelivered).toBe(0);
    for (const seed of [1, 2, 3, 4, 5]) {
      const other = await outcomeOf(name, { shuffle: true, duplicate: 1, seed, batchSize: 1 + seed });
      expect(other.difference).toBe('The table is as expected.');
      expect(other.result.table.digest).toBe(recorded.result.table.digest);
      expect(other.result.events).toBe(events * 2);
      expect(other.result.undelivered).toBe(0);
    }
  });

  test.each(names)('%s: split, and with processes that die, it ends in the expected table as well', async (name) => {
    let crashed = 0;
    for (const seed of [1, 2, 3, 4, 5]) {
      const { result, difference } = await outcomeOf(name, { shuffle: true, duplicate: 1, split: true, crash: 0.4, seed });
      expect(difference).toBe('The table is as expected.');
      expect(result).toMatchObject({ undelivered: 0, errors: [] });
      crashed += result.crashed;
    }
    expect(crashed).toBeGreaterThan(0);
  });

  const recordedOutcomes = async (name: string) => (await outcomeOf(name, { batchSize: 1 })).result.outcomes;

  // Counted by hand from the histories in make.mjs.
  test.each([
    ['tie', { applied: 4, stale: 2 }],
    ['late-update-after-delete', { applied: 3, tombstoned: 3 }],
    ['duplicates', { applied: 3, duplicate: 3, stale: 1 }],
    ['out-of-order', { applied: 3, stale: 3 }],
    ['recreate-after-delete', { applied: 4, stale: 3 }],
    ['bad-records', { applied: 2, fault: 4 }],
    ['rows-second-precision-delete', { applied: 3 }],
    ['rows-new-and-old-images', { applied: 3, stale: 1 }],
  ])('%s: every event ends as it should', async (name, expected) => {
    const outcomes = await recordedOutcomes(name);
    expect(Object.fromEntries(Object.entries(outcomes).filter(([, count]) => count > 0))).toEqual(expected);
  });

  test('the faults of bad records name the record and the field', async () => {
    const { result } = await outcomeOf('bad-records', {});
    const messages = result.faults.map(({ message }) => message);
    expect(new Set(result.faults.map(({ id }) => id)).size).toBe(4);
    for (const part of ['field timestamp', 'field id', 'kinesis record 49668']) expect(messages.join('\n')).toContain(part);
  });
};

describeEmbedded('the hazard fixtures', tests);
describeLocal('the hazard fixtures', tests);
describeMemory('the hazard fixtures', tests);
