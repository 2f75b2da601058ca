import { messageOf } from '../../error-text';
import { isSetAside, type Outcome } from '../../outcome';
import { keyText, shown } from '../table/diff';
import type { Chapter, Story } from './story';

/** The story for people: one line for each delivery, and what it changed below. */
export const renderStory = ({ key, table, deliveries, chapters, item }: Story): string => {
  const title = keyText(key, table);
  if (chapters.length === 0) return `No event of ${deliveries} has to do with ${title}. Is it the key that the rules write?`;
  return [
    `${title}: ${chapters.length} of ${deliveries} deliveries`,
    '',
    ...chapters.flatMap((chapter) => [headline(chapter), ...chapter.parts.map((part) => `        ${words(part, chapter.asked)}`), ...changes(chapter)]),
    '',
    item ? `In the end: ${JSON.stringify(item)}` : 'In the end there is no such item.',
  ].join('\n');
};

const headline = ({ delivery, event }: Chapter): string =>
  `${String(delivery).padStart(6)}  ${event ? `${new Date(event.timestamp).toISOString()}  ${event.type} ${event.id}` : 'a record that could not be read'}`;

const changes = ({ changes: all }: Chapter): readonly string[] =>
  all.map(({ name, actual, expected }) => `          ${name}: ${shown(expected)} -> ${shown(actual)}`);

const words = ({ pipeline, outcome }: Chapter['parts'][number], asked: boolean): string =>
  `${outcome.kind}${pipeline === '' ? '' : ` (rule ${pipeline})`}: ${why(outcome)}${asked || isSetAside(outcome) || outcome.kind === 'filtered' ? '' : ', in another item'}`;

const why = (outcome: Outcome): string => {
  switch (outcome.kind) {
    case 'applied': return 'written';
    case 'superseded': return `written together with the newer event ${outcome.by}`;
    case 'published': return 'handed on';
    case 'unchanged': return 'the item said it already';
    case 'duplicate': return 'this very event was there already';
    case 'stale': return outcome.epoch !== undefined ? `the item is of the newer epoch ${outcome.epoch}` : `a newer event was there already${behind(outcome.behindMs)}`;
    case 'tombstoned': return `a newer delete is in the way${behind(outcome.behindMs)}`;
    case 'narrowed': return `written but for ${Object.entries(outcome.dropped).map(([group, one]) => `${group} (${one.kind}${behind(one.behindMs)})`).join(', ')}`;
    case 'conflict': return outcome.reason;
    case 'filtered': return outcome.reason ?? 'left out';
    case 'future':
    case 'fault': return messageOf(outcome.error);
    case 'retry': return `to be delivered again: ${outcome.reason}`;
  }
};

const UNITS: readonly (readonly [number, string])[] = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min'], [1_000, 's']];

/** `, by 90 s`: in the largest unit that leaves no fraction to speak of. */
const behind = (ms: number | undefined): string => {
  if (ms === undefined) return '';
  const [size, unit] = UNITS.find(([one]) => ms >= 2 * one) ?? [1, 'ms'];
  return `, by ${Math.round(ms / size)} ${unit}`;
};
