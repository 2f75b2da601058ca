import { createSource } from '../../src/sources/source';
import type { Decoded } from '../../src/sources/decode';
import { OplockStreamError } from '../../src/errors';
import type { Event } from '../../src/event';
import type { Origin } from '../../src/uow';

/** A minimal source for tests of what comes behind one: the Lambda event is a list of events, or of errors. */
export interface TestRecord {
  readonly event?: Event;
  readonly error?: string;
  readonly key?: string;
  readonly shard?: string;
}

export const event = (id: string, more: Partial<Event> = {}): Event => ({ id, type: 'thing-updated', timestamp: 1_700_000_000_000, ...more });

const origin = (index: number, record: TestRecord): Origin => ({
  source: 'test',
  sourceScope: 'arn:test',
  shard: record.shard ?? 'shard-0',
  identifier: String(1000 + index),
  subSequence: 0,
  key: record.key ?? record.event?.partitionKey ?? `key-${index}`,
  clock: 'producer',
});

export const fromTest = createSource<readonly TestRecord[], TestRecord & { index: number }, object>({
  name: 'test',
  records: (records) => records.map((record, index) => ({ ...record, index })),
  decode: (raw): readonly Decoded<TestRecord & { index: number }>[] => {
    const record = raw as TestRecord & { index: number };
    const where = { record, origin: origin(record.index, record) };
    return [record.event ? { ...where, event: record.event } : { ...where, error: new OplockStreamError('INVALID_RECORD', record.error ?? 'bad') }];
  },
});

export const identifierOf = (index: number): string => String(1000 + index);

/** Resolves when told to; what a test needs to put things in an order of its own. */
export const deferred = <T = void>() => {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((res, rej) => {
    resolve = res;
    reject = rej;
  });
  return { promise, resolve, reject };
};

export const silent = { debug: () => {}, warn: () => {}, error: () => {} };
