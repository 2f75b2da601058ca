import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..');

/** README.md and docs/*.md, by path from the root. */
export const pages: ReadonlyMap<string, string> = new Map(
  ['README.md', ...readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).sort().map((name) => `docs/${name}`)]
    .map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]),
);

export const page = (path: string): string => {
  const text = pages.get(path);
  if (text === undefined) throw new Error(`There is no page ${path}.`);
  return text;
};

/** The TypeScript of one or more code blocks that belong together: one module. */
export interface Snippet {
  /** Page and line of the first block: `README.md:120`. */
  readonly place: string;
  /** From `<!-- file: path -->` above the block: the file that holds the same code and is run by a test. */
  readonly file?: string;
  readonly code: string;
  /** The block marked `text` right below, with an empty line between: what the snippet prints when it is run. */
  readonly output?: string;
}

const FENCE = /^```(\w*)\s*$/;
const CONTINUES = /^<!-- continues -->$/;
const FILE = /^<!-- file: (\S+) -->$/;

const outputBelow = (lines: readonly string[], end: number): string | undefined => {
  if (lines[end + 1] !== '' || lines[end + 2] !== '```text') return undefined;
  return lines.slice(end + 3, lines.indexOf('```', end + 3)).join('\n');
};

/** Every block marked `ts`; one below `<!-- continues -->` goes on with the module of the block before it. */
export const snippetsOf = (path: string): Snippet[] => {
  const lines = page(path).split('\n');
  const snippets: Snippet[] = [];
  for (let i = 0; i < lines.length; i += 1) {
    const language = FENCE.exec(lines[i] ?? '')?.[1];
    if (language === undefined) continue;
    const start = i;
    do i += 1; while (i < lines.length && lines[i] !== '```');
    if (i >= lines.length) throw new Error(`${path}:${start + 1}: the code block is never closed.`);
    if (language !== 'ts') continue;
    const code = `${lines.slice(start + 1, i).join('\n')}\n`;
    const marker = lines[start - 1] ?? '';
    const file = FILE.exec(marker)?.[1];
    const previous = snippets.at(-1);
    if (CONTINUES.test(marker)) {
      if (!previous) throw new Error(`${path}:${start + 1}: there is no block to continue.`);
      snippets[snippets.length - 1] = { ...previous, code: previous.code + code };
    } else {
      const output = outputBelow(lines, i);
      snippets.push({ place: `${path}:${start + 1}`, code, ...(file !== undefined && { file }), ...(output !== undefined && { output }) });
    }
  }
  return snippets;
};

/** The text of a page by its headings of the second level. */
export const sectionsOf = (path: string): ReadonlyMap<string, string> =>
  new Map(page(path).split(/^## /m).slice(1).map((text): [string, string] => [text.slice(0, text.indexOf('\n')), text]));

/** The rows of the table below `<!-- marker -->`, each a list of cells; the head is not among them. */
export const tableBelow = (path: string, marker: string): string[][] => {
  const lines = page(path).split('\n');
  const at = lines.indexOf(`<!-- ${marker} -->`);
  if (at < 0) throw new Error(`${path} has no <!-- ${marker} -->.`);
  const rows: string[][] = [];
  for (const line of lines.slice(at + 3)) {
    if (!line.startsWith('|')) break;
    rows.push(line.split('|').slice(1, -1).map((cell) => cell.trim()));
  }
  return rows;
};

/** The inline code in a piece of markdown. */
export const inlineCode = (markdown: string): string[] => [...markdown.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code as string);

/** The text without its code blocks. */
export const prose = (markdown: string): string => markdown.replace(/^```[\s\S]*?^```$/gm, '');

/** The anchors that GitHub gives to the headings of a page. */
export const anchorsOf = (path: string): Set<string> =>
  new Set(
    [...prose(page(path)).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').trim().replaceAll(' ', '-')),
  );
