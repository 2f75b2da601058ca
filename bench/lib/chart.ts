import { formatNumber } from './format';
import type { Figure, Result } from './result';
import { describeMeasurements, type Saved, type SavedResult } from './saved';
import type { Summary } from './statistics';

const WIDTH = 900;
const COLUMN = WIDTH / 2;
const PAD = 20;
const LABEL = 132;
const BAR = 200;
const LINE = 19;
const TITLE = 30;
const HEADER = 58;

/** What is drawn, under which name: the rows in which less is better and somebody else can be compared with. */
const PANELS: Readonly<Record<string, string>> = {
  'cpu': 'CPU per applied event',
  'local': 'Time per event, DynamoDB Local',
  'overhead-1000': 'CPU of all but the requests, strategy single',
  'makespan': 'Time with slow requests, times the shortest possible',
  'hot-keys': 'Writes for 1,000 events of 50 items',
  'rules': 'CPU per event with 20 rules',
  'bundle': 'Size of the bundle',
  'import': 'Loading the bundle',
};

const STYLE = `
    text { font: 12px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328; }
    .page { fill: #ffffff; stroke: #d1d9e0; }
    .title { font-weight: 600; font-size: 13px; }
    .head { font-weight: 600; font-size: 15px; }
    .faint { fill: #59636e; }
    .ours { fill: #1f6feb; }
    .peer { fill: #9a6700; }
    .limit { fill: #8c959f; }
    .axis { stroke: #59636e; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .page { fill: #0d1117; stroke: #3d444d; }
      .faint { fill: #9198a1; }
      .ours { fill: #4493f8; }
      .peer { fill: #d29922; }
      .limit { fill: #656c76; }
      .axis { stroke: #9198a1; }
    }`;

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const textAt = (x: number, y: number, text: string, style = ''): string => `<text x="${x}" y="${y}"${style && ` class="${style}"`}>${escape(text)}</text>`;

const isMeasured = (figure: Figure | undefined): figure is Extract<Figure, { summary: Summary }> => figure !== undefined && 'summary' in figure;

/** Whose it is; the page says with which setting. */
const nameOf = ({ label }: Figure): string => label.replace(/[,:].*/, '');

/** Ours first, then the peer, then what can be had at best. */
const mainFigures = ({ figures, main }: Result) =>
  [main.ours, main.peer, main.limit].map((name) => figures.find((figure) => figure.name === name)).filter(isMeasured);

/** The bars begin at zero, and within a panel a pixel is worth the same everywhere. */
const panel = (result: Result, name: string, x: number, y: number): string => {
  const bars = mainFigures(result);
  const most = Math.max(...bars.map(({ summary }) => summary.median));
  const top = y + TITLE;
  return [
    textAt(x, y + 18, name, 'title'),
    ...bars.map((bar, i) => {
      const { group, summary: { median } } = bar;
      const length = (median / most) * BAR;
      const line = top + i * LINE;
      return [
        textAt(x, line + 12, nameOf(bar), 'faint'),
        `<rect class="${group}" x="${x + LABEL}" y="${line + 2}" width="${Math.max(1, length).toFixed(1)}" height="${LINE - 6}" rx="2"/>`,
        textAt(x + LABEL + length + 6, line + 12, `${formatNumber(median)} ${result.unit === 'x' ? '×' : result.unit}`),
      ].join('');
    }),
    `<line class="axis" x1="${x + LABEL}" x2="${x + LABEL}" y1="${top - 1}" y2="${top + bars.length * LINE - 1}"/>`,
  ].join('\n  ');
};

/** An SVG for light and for dark pages, with the fonts of the reader. Less is better in each panel. */
export const renderChart = ({ results }: Saved): string => {
  const drawn = results.filter((result): result is Extract<SavedResult, Result> => 'figures' in result && PANELS[result.id] !== undefined);
  const height = TITLE + 3 * LINE + 16;
  const total = HEADER + Math.ceil(drawn.length / 2) * height + PAD;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${total}" width="${WIDTH}" height="${total}" role="img" aria-label="oplock-stream beside aws-lambda-stream and what can be had at best">
  <style>${STYLE}
  </style>
  <rect class="page" x="0.5" y="0.5" width="${WIDTH - 1}" height="${total - 1}" rx="8"/>
  ${textAt(PAD, 30, 'Less is better. Each panel has a scale of its own, from zero.', 'head')}
  ${textAt(PAD, 48, `npm run bench. ${describeMeasurements(drawn).replaceAll('\n', ' ').replaceAll('`', '')}`, 'faint')}
  ${drawn.map((result, i) => panel(result, PANELS[result.id] ?? '', PAD + (i % 2) * COLUMN, HEADER + Math.floor(i / 2) * height)).join('\n  ')}
</svg>
`;
};
