import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { renderChart } from './chart';
import { fillPage } from './pages';
import type { Result, Skipped } from './result';
import type { Saved } from './saved';

/** From bench/.build, where this runs. */
const inProject = (path: string): URL => new URL(`../../${path}`, import.meta.url);

const PAGE = 'docs/performance.md';

/** Keeps the results for the pages and draws the chart; test/docs checks that all of them say the same. */
export const save = (results: readonly (Result | Skipped)[], rounds: number): void => {
  const [{ model } = { model: 'unknown' }] = cpus();
  const saved: Saved = { date: new Date().toISOString().slice(0, 10), node: process.versions.node, machine: `${cpus().length} cores of ${model.trim()}`, rounds, results };
  writeFileSync(inProject('bench/results.json'), `${JSON.stringify(saved, null, 1)}\n`);
  writeFileSync(inProject('docs/performance.svg'), renderChart(saved));
  writeFileSync(inProject(PAGE), fillPage(readFileSync(inProject(PAGE), 'utf8'), saved));
};
