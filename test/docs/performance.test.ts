import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderChart } from '../../bench/lib/chart';
import { fillPage } from '../../bench/lib/pages';
import type { Saved } from '../../bench/lib/saved';
import { ROWS } from '../../bench/rows/rows';
import { page, ROOT } from './markdown';

const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const saved = JSON.parse(text('bench/results.json')) as Saved;
const ids = ROWS.map(({ id }) => id);

describe('docs/performance.md', () => {
  it('says what the saved results say', () => {
    expect(fillPage(page('docs/performance.md'), saved)).toBe(page('docs/performance.md'));
  });

  it('shows the chart of these results', () => {
    expect(text('docs/performance.svg')).toBe(renderChart(saved));
    expect(page('README.md')).toContain('(docs/performance.svg)');
  });

  it('has every row, as have the results and the help', () => {
    expect(saved.results.map(({ id }) => id)).toEqual(ids);
    expect([...page('docs/performance.md').matchAll(/^### (.+)$/gm)].map(([, id]) => id)).toEqual(ids);
    expect([...page('docs/performance.md').matchAll(/<!-- bench: (\S+) -->/g)].map(([, id]) => id)).toEqual(['machine', 'overview', ...ids]);
    const rows = /\nRows\n([\s\S]*?)\n\n/.exec(text('bench/help.txt'))?.[1] ?? '';
    expect([...rows.matchAll(/^ {2}(\S+)/gm)].map(([, id]) => id)).toEqual(ids);
  });

  it('keeps registries and this machine out of what is saved', () => {
    expect(text('bench/package-lock.json')).not.toContain('"resolved"');
    expect(text('bench/results.json')).not.toMatch(/\/(tmp|work|home|root)\//);
    expect(existsSync(join(ROOT, 'bench/.npmrc'))).toBe(false);
  });
});
