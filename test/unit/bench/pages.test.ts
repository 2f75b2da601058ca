import { renderChart } from '../../../bench/lib/chart';
import { fillPage } from '../../../bench/lib/pages';
import { atMost, figureOf, resultOf, type Result } from '../../../bench/lib/result';
import type { Saved } from '../../../bench/lib/saved';

const figures = [
  figureOf({ name: 'ours', label: 'oplock-stream', group: 'ours' }, [50]),
  figureOf({ name: 'als', label: 'aws-lambda-stream', group: 'peer' }, [200]),
  figureOf({ name: 'loop', label: 'loop <25 & more>, as it is', group: 'limit' }, [0]),
];
const cpu: Result = resultOf({ id: 'cpu', title: 'CPU', unit: 'us', figures, main: { ours: 'ours', peer: 'als', limit: 'loop' }, ratio: { value: 4, of: 'peer / ours' }, conditions: [atMost('us', 50, 40)], notes: ['a note'] });
const measured = { date: '2026-01-31', node: '22.1.0', machine: '2 cores', rounds: 7 };
const saved: Saved = { results: [{ ...cpu, measured }, { id: 'local', title: 'Local', skipped: 'no Java', measured }] };

const block = (name: string, content = '') => `before\n<!-- bench: ${name} -->\n${content}<!-- /bench -->\nafter\n`;

describe('pages that quote the bench', () => {
  it('get the figures between the comments, and nothing else', () => {
    const text = fillPage(block('cpu', 'old\n'), saved);
    expect(text).toContain('| oplock-stream | 50 us |  |\n');
    expect(text).toContain('- peer / ours: 4\n- target us ≤ 40: 50, **not met**\n- a note\n');
    expect(text).not.toContain('old');
    expect(text.startsWith('before\n') && text.endsWith('after\n')).toBe(true);
  });

  it('stay as they are when they are filled again', () => {
    const once = fillPage(block('overview') + block('machine') + block('cpu') + block('local'), saved);
    expect(fillPage(once, saved)).toBe(once);
    expect(once).toContain('| [`cpu`](#cpu) | CPU | 50 us | 200 us | 0 us | us ≤ 40: **not met** |');
    expect(once).toContain('not run: no Java');
    expect(once).toContain('Measured on 2026-01-31 with Node 22.1.0 on 2 cores, 7 rounds.');
  });

  it('have an overview of their own rows only', () => {
    const elsewhere = { ...measured, date: '2026-02-01' };
    const [first, second] = [{ ...cpu, measured }, { ...cpu, id: 'other', measured: elsewhere }];
    const text = fillPage(block('overview') + block('machine') + block('other'), { results: [first, second] });
    expect(text).toContain('| [`other`](#other) |');
    expect(text).not.toContain('[`cpu`]');
    expect(text).toContain('Measured on 2026-02-01 with');
  });

  it('cannot quote what is not measured', () => {
    expect(() => fillPage(block('speed'), saved)).toThrow('"speed"');
  });
});

describe('the chart', () => {
  const svg = renderChart(saved);
  const bars = [...svg.matchAll(/<rect class="(\w+)" x="(\d+)" y="\d+" width="([\d.]+)"/g)].map(([, group, x, width]) => ({ group, x, width: Number(width) })).filter(({ group }) => group !== 'page');

  it('has bars from one axis, as long as their figures say', () => {
    expect(bars.map(({ group }) => group)).toEqual(['ours', 'peer', 'limit']);
    expect(new Set(bars.map(({ x }) => x)).size).toBe(1);
    const [ours, peer, limit] = bars;
    expect(peer?.width).toBeCloseTo(4 * (ours?.width ?? 0));
    expect(limit?.width).toBe(1); // nothing is still to be seen
  });

  it('escapes what a label has', () => {
    expect(svg).toContain('>loop &lt;25 &amp; more&gt;<');
  });

  it('leaves out what was not run', () => {
    expect(svg).toContain('CPU per applied event');
    expect(svg).not.toContain('DynamoDB Local');
  });

  it('has colours for dark pages and no font that would have to be loaded', () => {
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg).not.toMatch(/@import|@font-face|href=|url\(/);
  });
});
