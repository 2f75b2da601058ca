import { renderDiff } from '../table/diff';
import type { ConvergeReport } from './report';

/** The report for people. */
export const renderConverge = (report: ConvergeReport): string => {
  const { failure, runs, seed, records, rows } = report;
  const faults = report.faults.map((message) => `Set aside as a fault, and so not tested: ${message}`);
  if (!failure) return [`The table converges: ${runs} histories of ${records} records, ${rows.length} items (seed ${seed}).`, ...faults].join('\n');
  const path = failure.path === undefined ? '' : `, path: ${JSON.stringify(failure.path)}`;
  return [
    'The table depends on how the events arrive.',
    '',
    failure.explanation.text,
    '',
    'The smallest history that shows it:',
    ...failure.story.map((line) => `  ${line}`),
    '',
    'Its table, compared with that of the same events in order (- in order, + in this history):',
    renderDiff(failure.diff),
    '',
    `History ${runs} of this seed. To repeat it: { seed: ${seed}${path} }`,
    ...faults,
  ].join('\n');
};
