import type { Condition, Figure, Result, Skipped } from './result';

/** Three digits that say something: 0.0123, 1.23, 12.3, 123, 1,234. */
export const formatNumber = (value: number): string => {
  const magnitude = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  const digits = Math.min(4, Math.max(0, 2 - magnitude));
  return value.toLocaleString('en-US', { minimumFractionDigits: Number.isInteger(value) ? 0 : digits, maximumFractionDigits: digits });
};

export const formatFigure = (figure: Figure, unit: string): string => {
  if ('cannot' in figure) return figure.cannot;
  const { median, low, high } = figure.summary;
  const spread = low === high ? '' : ` (${formatNumber(low)}–${formatNumber(high)})`;
  return `${formatNumber(median)} ${unit}${spread}`;
};

const verdict = (met: boolean | null): string => (met === null ? 'no target' : met ? 'met' : 'NOT MET');

const formatCondition = ({ text, value, met }: Condition): string => `${text}: ${formatNumber(value)} ${verdict(met)}`;

/** One row as it is printed: each side with its median and the middle half of its rounds, then the target. */
export const formatResult = (result: Result | Skipped): string => {
  if ('skipped' in result) return `${result.id}: ${result.title}\n  skipped: ${result.skipped}`;
  const { id, title, unit, figures, ratio, conditions, notes } = result;
  const width = Math.max(...figures.map(({ label }) => label.length));
  return [
    `${id}: ${title}`,
    ...figures.map((figure) => `  ${figure.label.padEnd(width)}  ${formatFigure(figure, unit)}${figure.note === undefined ? '' : `, ${figure.note}`}`),
    ...(ratio ? [`  ${ratio.of}: ${formatNumber(ratio.value)}`] : []),
    ...conditions.map((condition) => `  target ${formatCondition(condition)}`),
    ...notes.map((note) => `  ${note}`),
  ].join('\n');
};
