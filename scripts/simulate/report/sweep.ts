import type { Figures } from './figures';
import { count, dollars, percent, table, time } from './format';

/** Rows to be compared. `columns`: what is different. */
export const renderSweep = (columns: readonly string[], rows: readonly { readonly label: readonly string[]; readonly figures: Figures }[]): string => {
  const wasted = ({ writes: { units, refusedUnits, needlessUnits } }: Figures): string => percent(units === 0 ? 0 : (refusedUnits + needlessUnits) / units);
  const lines = rows.map(({ label, figures }) => {
    const { perSecond, iteratorAge, functions, writes, costPerMonth, keepsUp, limits } = figures;
    return [
      ...label, count(perSecond.settled), time(iteratorAge.p99 * 1000), time(iteratorAge.max * 1000), functions.average.toFixed(1), count(writes.requests), count(writes.units), wasted(figures),
      dollars(costPerMonth.units), dollars(costPerMonth.total), `${keepsUp ? 'keeps up' : 'FALLS BEHIND'}${limits.length > 0 ? ', LIMIT' : ''}`,
    ];
  });
  const head = [...columns, 'events/s', 'age 99 %', 'age max', 'functions', 'requests', 'units', 'wasted', 'units/month', 'all/month', ''];
  const limits = [...new Set(rows.flatMap(({ figures }) => figures.limits))];
  return `${[table([head, ...lines], columns.length), ...(limits.length > 0 ? ['', ...limits.map((text) => `LIMIT: ${text}.`)] : [])].join('\n')}\n`;
};
