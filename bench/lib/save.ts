import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { renderChart } from './chart';
import { fillPage, PAGES } from './pages';
import type { Result, Skipped } from './result';
import { mergeSaved, type Saved } from './saved';

/** From bench/.build, where this runs. */
const inProject = (path: string): URL => new URL(`../../${path}`, import.meta.url);

const RESULTS = inProject('bench/results.json');

/**
 * Keeps the results for the pages and draws the chart; test/docs checks that all of them say the same. What is saved of other
 * rows stays. `ids`: all rows, in their order.
 */
export const save = (results: readonly (Result | Skipped)[], rounds: number, ids: readonly string[]): void => {
  const [{ model } = { model: 'unknown' }] = cpus();
  const measured = { date: new Date().toISOString().slice(0, 10), node: process.versions.node, machine: `${cpus().length} cores of ${model.trim()}`, rounds };
  const before: Saved = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) as Saved : { results: [] };
  const saved = mergeSaved(before, results, measured, ids);
  writeFileSync(RESULTS, `${JSON.stringify(saved, null, 1)}\n`);
  writeFileSync(inProject('docs/performance.svg'), renderChart(saved));
  for (const page of PAGES) writeFileSync(inProject(page), fillPage(readFileSync(inProject(page), 'utf8'), saved));
};
