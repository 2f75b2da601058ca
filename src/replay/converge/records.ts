import _ from 'highland';
import { OplockStreamError } from '../../errors';
import type { Event } from '../../event';
import { toDynamodbRecords, type TableChange } from '../../sources/dynamodb-records';
import { fromDynamodb } from '../../sources/from-dynamodb';
import { fromKinesis } from '../../sources/from-kinesis';
import { toKinesisRecords } from '../../sources/kinesis-records';
import type { Source } from '../../sources/source';
import { silentLogger } from '../clock';
import { flatten, readFixture, type StreamEvent } from '../fixture/read';
import type { ConvergeOptions } from './options';

/** A record and what is in it: one event as a rule, several in an aggregate, none when it cannot be read. */
export interface KnownRecord {
  readonly record: unknown;
  readonly events: readonly Event[];
}

export const sourceOf = (options: ConvergeOptions): Source<StreamEvent> => (options.source ?? fromKinesis) as unknown as Source<StreamEvent>;

/** The records in the order in which their events happened; equal times stay as given. */
export const loadRecords = async (options: ConvergeOptions): Promise<readonly KnownRecord[]> => {
  const { events, fixtures } = options;
  if ((events === undefined) === (fixtures === undefined)) throw invalid('takes either `events` or `fixtures`');
  const records = flatten(events ? [build(options, events)] : await read(fixtures ?? []));
  if (records.length === 0) throw invalid('has no events to deliver: give it some');
  const source = sourceOf(options);
  const known: KnownRecord[] = [];
  for (const record of records) known.push({ record, events: await eventsOf(source, record) });
  const times = known.map(timeOf);
  return known.map((one, i) => ({ one, at: times[i] as number })).sort((a, b) => a.at - b.at).map(({ one }) => one);
};

/** What cannot be read comes first: it changes nothing. */
const timeOf = ({ events }: KnownRecord): number => Math.min(...events.map(({ timestamp }) => timestamp), events.length === 0 ? 0 : Infinity);

const build = ({ source, toRecords }: ConvergeOptions, events: readonly unknown[]): StreamEvent => {
  if (toRecords) return toRecords(events);
  if (source === undefined || source === fromKinesis) return toKinesisRecords(events);
  if (source === fromDynamodb) return toDynamodbRecords(events as readonly TableChange[]);
  throw invalid('does not know how records of this source are made: give it `toRecords`, or `fixtures`');
};

const read = async (fixtures: readonly (string | StreamEvent)[]): Promise<readonly StreamEvent[]> => {
  const read: StreamEvent[] = [];
  for (const fixture of fixtures) {
    if (typeof fixture === 'string') for await (const event of readFixture(fixture)) read.push(event);
    else read.push(fixture);
  }
  return read;
};

const eventsOf = (source: Source<StreamEvent>, record: unknown): Promise<readonly Event[]> => new Promise((resolve) => {
  const events: Event[] = [];
  source({ Records: [record] }, { logger: silentLogger })
    .consume((error, uow, _push, next) => {
      if (error) return next();
      if (_.isNil(uow)) return resolve(events);
      events.push(uow.event);
      return next();
    })
    .resume();
});

export const invalid = (problem: string): OplockStreamError => new OplockStreamError('INVALID_OPTION', `converge ${problem}.`);
