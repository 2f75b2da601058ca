import type { Event } from '../../event';
import type { TroubleKind } from '../troubles/trouble';
import type { Happened } from '../troubles/troubled-client';
import { batchesOf, type History } from './history';
import type { KnownRecord } from './records';

/** `thing-renamed` e1 */
export const eventName = ({ type, id }: Pick<Event, 'type' | 'id'>): string => `\`${type}\` ${id}`;

export const recordName = ({ events }: Pick<KnownRecord, 'events'>): string =>
  (events.length === 0 ? 'a record that cannot be read' : events.map(eventName).join(' + '));

/** `a`, `b` and `c` */
export const list = (names: readonly string[]): string =>
  (names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`);

export const code = (name: string): string => `\`${name}\``;

const TROUBLES: Readonly<Record<TroubleKind, (request: number) => string>> = {
  'crash-before': (request) => `the process dies before it sends its request ${request}`,
  'crash-after': (request) => `the table takes request ${request}, and then the process dies`,
  'response-lost': (request) => `the table takes request ${request}, but the response is lost`,
};

/** A line for each batch, and for each trouble on its way. */
export const storyOf = (history: History, records: readonly KnownRecord[], happened: readonly Happened[]): readonly string[] => {
  const lines: string[] = [];
  let invocation = 0;
  for (const batch of batchesOf(history)) {
    const deliveries = batch.map((i) => recordName(records[i] ?? { events: [] })).join(', then ');
    for (let again = false; ; again = true) {
      const troubles = happened.filter((one) => one.invocation === invocation);
      invocation += 1;
      const what = troubles.map(({ kind, request }) => `; ${TROUBLES[kind](request + 1)}`).join('');
      lines.push(`invocation ${invocation}${again ? ', the same batch again' : ''}: ${deliveries}${what}`);
      if (!troubles.some(({ kind }) => kind !== 'response-lost')) break;
    }
  }
  return lines;
};
