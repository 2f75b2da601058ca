import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderChart } from '../../bench/lib/chart';
import { fillPage, PAGES } from '../../bench/lib/pages';
import type { Saved } from '../../bench/lib/saved';
import { ROWS } from '../../bench/rows/rows';
import { page, ROOT } from './markdown';

const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const saved = JSON.parse(text('bench/results.json')) as Saved;
const ids = ROWS.map(({ id }) => id);

const quoted = (path: string): readonly (string | undefined)[] => [...page(path).matchAll(/<!-- bench: (\S+) -->/g)].map(([, id]) => id);

describe.each(PAGES)('%s', (path) => {
  it('says what the saved results say', () => {
    expect(fillPage(page(path), saved)).toBe(page(path));
  });
});

describe('what the bench has saved', () => {
  it('is shown as a chart', () => {
    expect(text('docs/performance.svg')).toBe(renderChart(saved));
    expect(page('README.md')).toContain('(docs/performance.svg)');
  });

  it('has every row, as have the pages and the help', () => {
    expect(saved.results.map(({ id }) => id)).toEqual(ids);
    expect(PAGES.flatMap(quoted).filter((id) => id !== 'machine' && id !== 'overview')).toEqual(ids);
    const headings = PAGES.flatMap((path) => [...page(path).matchAll(/^### (.+)$/gm)].map(([, title]) => title));
    expect(headings).toEqual(expect.arrayContaining(ids));
    for (const path of PAGES) expect(quoted(path)).toContain('machine');
    expect(quoted('docs/performance.md')).toContain('overview');
    const rows = /\nRows\n([\s\S]*?)\n\n/.exec(text('bench/help.txt'))?.[1] ?? '';
    expect([...rows.matchAll(/^ {2}(\S+)/gm)].map(([, id]) => id)).toEqual(ids);
  });

  it('keeps registries and this machine out of what is saved', () => {
    expect(text('bench/package-lock.json')).not.toContain('"resolved"');
    expect(text('bench/results.json')).not.toMatch(/\/(tmp|work|home|root)\//);
    expect(existsSync(join(ROOT, 'bench/.npmrc'))).toBe(false);
  });
});
