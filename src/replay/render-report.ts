import { OUTCOME_KINDS, type OutcomeKind } from '../outcome';
import type { ReplayFault, ReplayReport } from './report';

const MEANING: Readonly<Record<OutcomeKind, string>> = {
  applied: 'the table took it',
  narrowed: 'the table took the groups that were newer',
  superseded: 'it was written together with a newer event of its item',
  published: 'it was handed on',
  unchanged: 'the item said it already',
  duplicate: 'the very same event was there already',
  stale: 'a newer event was there already',
  tombstoned: 'a newer delete was there already',
  conflict: 'a condition of your own refused it',
  filtered: 'no rule wanted it',
  future: 'its time is too far ahead of the clock; set aside',
  fault: 'it cannot be handled; set aside',
  retry: 'NEVER SETTLED: the attempts ran out',
};

const SHOWN_FAULTS = 5;

const count = (value: number): string => value.toLocaleString('en-US');

const faultText = ({ id, message, pipeline, event }: ReplayFault): string =>
  `${pipeline === '' ? '' : `rule "${pipeline}", event "${event ?? '?'}": `}${message} (fault ${id})`;

/** The report for people. */
export const renderReport = (report: ReplayReport): string => {
  const { outcomes, events, writes, requests, seconds, redelivered, crashed, lostResponses, unsettled, faults, errors, table } = report;
  const kinds = OUTCOME_KINDS.filter((kind) => outcomes[kind] > 0);
  const width = Math.max(6, ...kinds.map((kind) => count(outcomes[kind]).length), count(events).length);
  const row = (name: string, value: number, text: string): string => `  ${name.padEnd(11)}${count(value).padStart(width)}  ${text}`;
  return [
    ...kinds.map((kind) => row(kind, outcomes[kind], MEANING[kind])),
    row('events', events, redelivered > 0 ? `(and ${count(redelivered)} delivered again after a retry)` : ''),
    '',
    `  ${count(Math.round(events / Math.max(seconds, 1e-9)))} events/s: ${seconds.toFixed(2)} s, ${count(requests)} requests, ${count(writes)} writes`,
    ...(crashed > 0 ? [`  ${count(crashed)} invocations interrupted; ${count(lostResponses)} requests were carried out, and nobody heard of it`] : []),
    `  table: ${count(table.items)} items, digest ${table.digest}`,
    ...list('fault', 'faults', faults.map(faultText), 'Correct the rule or the producer and replay; the records are as they were.'),
    ...list('reason for retry', 'reasons for retry', unsettled, 'These events have no outcome: mend the cause and replay.'),
    ...list('invocation error', 'invocation errors', errors, 'The handler itself failed: the whole batch was delivered again each time.'),
  ].map((line) => line.trimEnd()).join('\n');
};

const list = (one: string, many: string, lines: readonly string[], advice: string): string[] => lines.length === 0
  ? []
  : [
      '',
      `  ${count(lines.length)} ${lines.length === 1 ? one : many}:`,
      ...lines.slice(0, SHOWN_FAULTS).map((line) => `  - ${line}`),
      ...(lines.length > SHOWN_FAULTS ? [`  ... and ${count(lines.length - SHOWN_FAULTS)} more (--json lists all)`] : []),
      `  ${advice}`,
    ];
