import { formatFigure, formatNumber } from './format';
import type { Result, Skipped } from './result';
import { describeMeasurements, type Saved, type SavedResult } from './saved';

/** Where figures of the bench are quoted. */
export const PAGES = ['docs/performance.md', 'docs/locks.md'] as const;

/** Between these comments, a page has what the bench has written there. */
const BLOCK = /(<!-- bench: ([\w-]+) -->\n)[\s\S]*?(<!-- \/bench -->)/g;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const verdictOf = ({ met }: Result): string => (met === null ? '' : met ? 'met' : '**not met**');

const cell = (value: number | null, unit: string): string => (value === null ? '' : `${formatNumber(value)} ${unit}`);

const rowOf = (result: Result | Skipped): readonly string[] => {
  const name = `[\`${result.id}\`](#${result.id})`;
  if ('skipped' in result) return [name, result.title, '', '', '', `not run: ${result.skipped}`];
  const { title, unit, ours, peer, limit, target } = result;
  return [name, title, cell(ours, unit), cell(peer, unit), cell(limit, unit), target === 'none' ? '' : `${target}: ${verdictOf(result)}`];
};

const overview = (results: readonly SavedResult[]): string => table(['row', 'what', 'oplock-stream', 'peer', 'limit', 'target'], results.map(rowOf));

const details = (result: Result | Skipped): string => {
  if ('skipped' in result) return `Not run: ${result.skipped}.`;
  const { figures, unit, ratio, conditions, notes } = result;
  return [
    table(['side', 'median (middle half)', ''], figures.map((figure) => [figure.label, formatFigure(figure, unit), figure.note ?? ''])),
    '',
    ...(ratio ? [`- ${ratio.of}: ${formatNumber(ratio.value)}`] : []),
    ...conditions.map(({ text, value, met }) => `- target ${text}: ${formatNumber(value)}, ${met ? 'met' : '**not met**'}`),
    ...notes.map((note) => `- ${note}`),
  ].join('\n');
};

/** Both are of the rows that the page has. */
const OF_THE_PAGE: Readonly<Record<string, (results: readonly SavedResult[]) => string>> = { overview, machine: describeMeasurements };

/**
 * Puts the figures where the page wants them: `overview`, `machine`, or the id of a row. Throws when there is no such row, so
 * that a page cannot go on quoting what is not measured any more.
 */
export const fillPage = (page: string, { results }: Saved): string => {
  const quoted = [...page.matchAll(BLOCK)].map(([, , name = '']) => name).filter((name) => !OF_THE_PAGE[name]).map((name) => {
    const result = results.find(({ id }) => id === name);
    if (!result) throw new Error(`A page quotes the row ${JSON.stringify(name)}, which is not among the results.`);
    return result;
  });
  return page.replace(BLOCK, (_block, begin: string, name: string, end: string) => {
    const row = quoted.find(({ id }) => id === name);
    return `${begin}${row ? details(row) : OF_THE_PAGE[name]?.(quoted) ?? ''}\n${end}`;
  });
};
