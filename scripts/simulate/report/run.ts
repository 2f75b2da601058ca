import { chart } from './chart';
import type { Figures } from './figures';
import { count, dollars, percent, table, time } from './format';

const seconds = (value: number): string => time(value * 1000);

const headline = ({ settings, perSecond }: Figures): string =>
  `${count(perSecond.arrived)} events per second for ${time(settings.minutes * 60_000)}: ${settings.shards} shard${settings.shards === 1 ? '' : 's'} × ${settings.factor}, `
  + `batches of ${count(settings.batch)}, ${settings.strategy === 'single' ? 'each write a request' : `up to ${settings.batchSize} writes in a request`}, ${count(settings.memory)} MB`;

const kinds = (figures: Figures): string => {
  const { events: { arrived, waiting, underWay }, outcomes } = figures;
  const rows = Object.entries({ arrived, ...outcomes, 'under way': underWay, waiting }).filter(([name, n]) => n > 0 || name === 'waiting');
  return table(rows.map(([name, n]) => [`  ${name}`, count(n), name === 'arrived' ? '' : percent(n / Math.max(1, arrived))]));
};

const money = ({ costOfRun, costPerMonth, writes: { units, refusedUnits, needlessUnits } }: Figures): string => {
  const row = (name: 'units' | 'functions' | 'stream' | 'total', label: string): string[] => [`  ${label}`, dollars(costOfRun[name]), dollars(costPerMonth[name])];
  const waste = [[refusedUnits, 'refused: stale or duplicate'], [needlessUnits, 'needless: of the wrong statement']].flatMap(([n, why]) => (n === 0 ? [] : [`${percent(n as number / units)} ${why as string}`]));
  return [
    `${count(units)} write units${waste.length > 0 ? ` (${waste.join('; ')})` : ''}`,
    '',
    table([['', 'this run', 'a month like it'], row('units', 'write units'), row('functions', 'function'), row('stream', 'stream'), row('total', 'total')]),
  ].join('\n');
};

/** One run, to be read. */
export const renderRun = (figures: Figures): string => {
  const { iteratorAge: age, lag, functions, writes, settings, keepsUp, limits } = figures;
  return [
    headline(figures),
    '',
    kinds(figures),
    '',
    table([
      ['  iterator age', `median ${seconds(age.p50)}`, `99 % ${seconds(age.p99)}`, `max ${seconds(age.max)}`],
      ['  stream to table', `median ${seconds(lag.p50)}`, `99 % ${seconds(lag.p99)}`, ''],
      ['  functions', `average ${functions.average.toFixed(1)}`, `max ${count(functions.max)}`, ''],
      ['  an invocation', `${count(functions.records)} records`, seconds(functions.seconds), `max ${seconds(functions.longest)}`],
      ['  requests', count(writes.requests), `${(functions.invocations === 0 ? 0 : writes.requests / functions.invocations).toFixed(1)} each`, ''],
    ], 4),
    '',
    keepsUp ? 'It keeps up.' : 'IT FALLS BEHIND: the iterator age grows as long as this goes on.',
    ...limits.map((text) => `LIMIT: ${text}.`),
    '',
    money(figures),
    '',
    'iterator age over time',
    chart(age.overTime.map((own) => (own === null ? undefined : own * 1000)), settings.minutes * 60_000),
    '',
  ].join('\n');
};
