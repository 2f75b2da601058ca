import { OplockStreamError } from '../../errors';
import type { OutcomeKind } from '../../outcome';
import { createHandler } from '../../pipelines/create-handler';
import { initializeFrom } from '../../pipelines/initialize';
import { silentLogger } from '../clock';
import type { Engine } from '../engines/engine';
import { memoryEngine } from '../engines/memory';
import { tableKey } from '../engines/table-key';
import { checkTarget } from '../replay';
import { diffTables, type TableDiff } from '../table/diff';
import { withClock } from './clock';
import { findUnsteady } from './determinism';
import { explain } from './explain';
import { gatherFacts } from './facts';
import { loadFastCheck } from './fast-check';
import { inOrder, takingPart, withAll, type History } from './history';
import type { ConvergeOptions } from './options';
import { invalid, loadRecords, sourceOf } from './records';
import type { ConvergeFailure, ConvergeReport } from './report';
import { play as playOn, type Run, type Stage } from './run';
import { search } from './search';
import { findSmaller } from './smaller';
import { suspects } from './suspects';
import { storyOf } from './words';
import { writesOf } from './writes';

/**
 * Does the table come out the same, however the events arrive? Delivers them to the rules in many ways: in any order, up to
 * three times each, in any batches, with processes that die and responses that get lost, and compares each table with that of
 * the same events in order. When one differs, the history is made as small as it gets, and explained.
 *
 * Needs the package fast-check. Rejects when there is nothing to compare: `DEPENDENCY_MISSING`, `INVALID_OPTION`,
 * `CONVERGE_NOTHING_WRITTEN` when no event writes anything, `CONVERGE_UNDELIVERED` when one never gets settled.
 */
export const converge = async (options: ConvergeOptions): Promise<ConvergeReport> => {
  const fastCheck = loadFastCheck();
  const { seed = 1, runs = 500, subsets = true } = options;
  const records = await loadRecords(options);
  const clock = options.now ?? Math.max(0, ...records.flatMap(({ events }) => events.map(({ timestamp }) => timestamp)));
  const engine = options.engine ?? memoryEngine();
  try {
    const stage = stageOf(options, records, engine, clock);
    const { key } = stage;
    const play = (history: History, at = clock): Promise<Run> => playOn(stage, history, at);
    const all = await play(inOrder(records.map((_, i) => i)));
    if (!all.sent.some((command) => writesOf(command, key).length > 0)) throw nothingWritten(all);
    const report = (tried: number, failure?: ConvergeFailure): ConvergeReport => ({
      converges: failure === undefined, runs: tried, seed, records: records.length, rows: all.rows,
      outcomes: countOutcomes(all), faults: all.faults, ...(failure && { failure }),
    });

    const unsteady = await findUnsteady({ records, key, play, clock });
    if (unsteady) return report(0, { ...unsteady, story: storyOf(unsteady.history, records, []) });

    const references = new Map<string, Run['rows']>();
    const reference = async (subset: readonly number[]): Promise<Run['rows']> => {
      const name = subset.join();
      const rows = references.get(name) ?? (await play(inOrder(subset))).rows;
      references.set(name, rows);
      return rows;
    };
    const whole = (history: History): History => (subsets ? history : withAll(history, records.length));
    const tryOut = async (history: History): Promise<{ readonly run: Run; readonly diff: TableDiff }> => {
      const run = await play(history);
      return { run, diff: diffTables(run.rows, await reference(takingPart(history)), key) };
    };
    const passes = async (history: History): Promise<boolean> => (await tryOut(whole(history))).diff.equal;
    const found = await search(fastCheck, {
      ...options, seed, runs, passes, count: records.length, first: subsets ? suspects(all, key).slice(0, Math.floor(runs / 2)) : [],
    });
    if (!found.history) return report(found.runs);
    const history = whole(await findSmaller(found.history, async (smaller) => !(await passes(smaller))));
    const { run, diff } = await tryOut(history);
    const explanation = explain(await gatherFacts(history, diff, { records, key, play }));
    return report(found.runs, {
      explanation, history, diff, story: storyOf(history, records, run.happened), ...(found.path !== undefined && { path: found.path }),
    });
  } finally {
    if (!options.engine) await engine.stop();
  }
};

const stageOf = (options: ConvergeOptions, records: Stage['records'], engine: Engine, now: number): Stage => {
  const { rules, pipelines, oplock, given = [], ignore = [] } = options;
  if ((rules === undefined) === (pipelines === undefined)) throw invalid('takes either `rules` or `pipelines`');
  const source = sourceOf(options);
  return {
    engine, given, ignore, records,
    key: tableKey(options.table ?? { partitionKey: 'pk', sortKey: 'sk' }),
    makeHandler: ({ clock, tableName, ...process }) => {
      for (const rule of rules ?? []) checkTarget(rule, tableName);
      const handler = createHandler({
        ...process, tableName, source,
        pipelines: rules ? initializeFrom(withClock(rules, clock)) : pipelines ?? {},
        now: () => now,
        logger: silentLogger,
        // One request after the other, and no waiting: the same history always goes the same way.
        concurrency: 1,
        retry: { baseMs: 0, capMs: 0 },
        ...(oplock && { oplock }),
      });
      return (event) => handler(event);
    },
  };
};

const countOutcomes = ({ settled }: Run): Partial<Record<OutcomeKind, number>> => {
  const counts: Partial<Record<OutcomeKind, number>> = {};
  for (const { outcome: { kind } } of settled) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

const nothingWritten = (run: Run): Error => {
  const outcomes = Object.entries(countOutcomes(run)).map(([kind, count]) => `${count} ${kind}`).join(', ');
  const why = run.faults[0] === undefined ? '' : ` The first fault: ${run.faults[0]}`;
  return new OplockStreamError('CONVERGE_NOTHING_WRITTEN', `None of the events writes anything (${outcomes}), so there is nothing to compare. Look at the event types and filters of the rules.${why}`);
};
