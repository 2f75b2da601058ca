import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import {
  mapTo, materialize, pipeline, timestampCondition, updateExpression, type Event, type PipelineOptions, type Rule, type RuleUow,
} from '../../../../src';

/** Mistakes that people make, each with its correction. */

const START = Date.UTC(2026, 0, 1);

export const event = (id: string, type: string, at: number, fields: object = {}): Event =>
  ({ id, type, timestamp: START + at, partitionKey: 'thing-1', ...fields });

const KEY = { pk: 'thing-1', sk: 'thing' };

interface Fields extends Event { readonly name?: string; readonly address?: string; readonly amount?: number }

const write = (id: string, eventType: string | RegExp, toWrite: (uow: RuleUow<Fields>) => object, more: object = {}): Rule =>
  ({ id, flavor: materialize, eventType, toWrite, ...more }) as unknown as Rule;

const request = (id: string, toUpdateRequest: (uow: RuleUow<Fields>) => object, more: object = {}): Rule =>
  ({ id, flavor: materialize, toUpdateRequest, ...more }) as unknown as Rule;

/** What a user would write who wants the row gone. */
const removal = (rule: PipelineOptions & { readonly eventType: string }) => pipeline(rule.eventType, (stream) => (stream as never as Highland.Stream<RuleUow>)
  .filter(({ event: { type } }) => type === rule.eventType)
  .through(mapTo('removed', () => rule.client?.send(new DeleteCommand({ TableName: rule.tableName, Key: KEY })))));

export interface Planted {
  readonly rules: readonly Rule[];
  readonly corrected: readonly Rule[];
  readonly events: readonly Event[];
  /** Where the events have to change, too. */
  readonly correctedEvents?: readonly Event[];
  readonly cause: string;
  readonly concerned: readonly string[];
  readonly attributes: readonly string[];
  /** Of the explanation. */
  readonly says: RegExp;
}

const noise = (count: number): Event[] => Array.from({ length: count }, (_, i) => event(`n${i}`, 'unwanted', i));

const renamed = write('renamed', 'thing-renamed', ({ event: { name } }) => ({ key: KEY, set: { name } }));
const removed = write('removed', 'thing-deleted', () => ({ key: KEY, tombstone: true }));
const moved = write('moved', 'thing-moved', ({ event: { address } }) => ({ key: KEY, set: { address } }));

export const PLANTED: Readonly<Record<string, Planted>> = {
  'two partial mappings under one oplock': {
    rules: [renamed, moved],
    corrected: [renamed, moved].map((rule) => ({ ...rule, groups: { name: ['name'], address: ['address'] } })),
    events: [...noise(3), event('e1', 'thing-moved', 100, { address: 'a' }), event('e2', 'thing-renamed', 200, { name: 'n' }), ...noise(2)],
    cause: 'partial-updates',
    concerned: ['e1', 'e2'],
    attributes: ['address'],
    says: /`thing-moved` e1 and `thing-renamed` e2 write different attributes of `pk="thing-1" sk="thing"` under one oplock: if `thing-renamed` e2 comes first, `address` of `thing-moved` e1 is lost/,
  },
  'a physical delete': {
    rules: [renamed, { id: 'removed', flavor: removal, eventType: 'thing-deleted' } as unknown as Rule],
    corrected: [renamed, removed],
    events: [event('e1', 'thing-renamed', 100, { name: 'n' }), event('e2', 'thing-deleted', 200), event('e3', 'thing-renamed', 300, { name: 'm' })],
    cause: 'physical-delete',
    concerned: ['e2', 'e1'],
    attributes: [],
    says: /`thing-deleted` e2 removes `pk="thing-1" sk="thing"` for good.*`thing-renamed` e1.*tombstone/,
  },
  'a physical delete by a structured write': {
    rules: [renamed, { ...removed, oplock: { onDelete: 'physical' } } as Rule],
    corrected: [renamed, removed].map((rule) => ({ ...rule, oplock: { onDelete: 'sidecar' } })),
    events: [event('e1', 'thing-renamed', 100, { name: 'n' }), event('e2', 'thing-deleted', 200), event('e3', 'thing-renamed', 300, { name: 'm' })],
    cause: 'physical-delete',
    concerned: ['e2', 'e1'],
    attributes: [],
    says: /`thing-deleted` e2 removes `pk="thing-1" sk="thing"` for good, and its oplock with it: `thing-renamed` e1.*brings the item back.*onDelete: 'tombstone'.*onDelete: 'sidecar'/,
  },
  'a counter with ADD under an oplock': {
    rules: [request('count', ({ event: { timestamp, amount } }) => ({
      Key: KEY,
      UpdateExpression: 'SET #timestamp = :timestamp ADD #count :amount',
      ExpressionAttributeNames: { '#timestamp': 'timestamp', '#count': 'count' },
      ExpressionAttributeValues: { ':timestamp': timestamp, ':amount': amount },
      ...timestampCondition(),
    }), { oplock: { allowCounters: true } })],
    corrected: [write('count', 'thing-sold', ({ event: { amount } }) => ({ key: KEY, set: {}, add: { count: amount } }), { reduce: { count: 'dedupeSet' } })],
    events: [event('e1', 'thing-sold', 100, { amount: 2 }), event('e2', 'thing-sold', 200, { amount: 3 })],
    cause: 'counter',
    concerned: ['e1', 'e2'],
    attributes: ['count'],
    says: /`thing-sold` e1 adds to `count` .* if `thing-sold` e2 comes first, the oplock drops `thing-sold` e1.*`reduce: { count: 'dedupeSet' }`/,
  },
  'a counter with ADD and nothing else': {
    rules: [request('count', ({ event: { amount } }) => ({
      Key: KEY, UpdateExpression: 'ADD #count :amount', ExpressionAttributeNames: { '#count': 'count' }, ExpressionAttributeValues: { ':amount': amount },
    }))],
    corrected: [write('count', 'thing-counted', ({ event: { amount } }) => ({ key: KEY, add: { count: amount } }), { reduce: { count: 'dedupeItem' } })],
    events: [event('e1', 'thing-counted', 100, { amount: 2 })],
    cause: 'counter',
    concerned: ['e1'],
    attributes: ['count'],
    says: /delivered again, it adds again.*`'dedupeItem'`/,
  },
  'times cut to the second in the mapping': {
    rules: [request('seconds', ({ event: { timestamp, name } }) => ({ Key: KEY, ...updateExpression({ name, timestamp: Math.floor(timestamp / 1000) }), ...timestampCondition() }))],
    corrected: [request('ms', ({ event: { timestamp, name } }) => ({ Key: KEY, ...updateExpression({ name, timestamp }), ...timestampCondition() }))],
    events: [event('e1', 'thing-renamed', 100, { name: 'n' }), event('e2', 'thing-renamed', 400, { name: 'm' })],
    cause: 'second-precision',
    concerned: ['e1', 'e2'],
    attributes: ['name'],
    says: /happened 300 ms apart, but the oplock .* cut to the second.*milliseconds/,
  },
  'times cut to the second by the producer': {
    rules: [request('seconds', ({ event: { timestamp, name } }) => ({ Key: KEY, ...updateExpression({ name, timestamp }), ...timestampCondition() }))],
    corrected: [request('ms', ({ event: { timestamp, name } }) => ({ Key: KEY, ...updateExpression({ name, timestamp }), ...timestampCondition() }))],
    events: [event('e1', 'thing-renamed', 0, { name: 'n' }), event('e2', 'thing-renamed', 0, { name: 'm' })],
    correctedEvents: [event('e1', 'thing-renamed', 100, { name: 'n' }), event('e2', 'thing-renamed', 400, { name: 'm' })],
    cause: 'second-precision',
    concerned: ['e1', 'e2'],
    attributes: ['name'],
    says: /whole seconds, so they seem to be cut/,
  },
  'a tie that is lost': {
    rules: [request('no-tie', ({ event: { timestamp, name } }) => ({ Key: KEY, ...updateExpression({ name, timestamp }), ...timestampCondition() }))],
    corrected: [renamed],
    events: [event('e1', 'thing-renamed', 123, { name: 'n' }), event('e2', 'thing-renamed', 123, { name: 'm' })],
    cause: 'tie-lost',
    concerned: ['e1', 'e2'],
    attributes: ['name'],
    says: /bear the same time, 2026-01-01T00:00:00.123Z, and nothing decides between them.*toWrite/,
  },
  'no condition at all': {
    rules: [request('last', ({ event: { timestamp, name } }) => ({ Key: KEY, ...updateExpression({ name, timestamp }) }))],
    corrected: [renamed],
    events: [event('e1', 'thing-renamed', 100, { name: 'n' }), event('e2', 'thing-renamed', 200, { name: 'm' })],
    cause: 'no-condition',
    concerned: ['e1', 'e2'],
    attributes: ['name', 'timestamp'],
    says: /without a condition: whoever comes last stays/,
  },
  'a condition that the item be there': {
    rules: [renamed, request('moved', ({ event: { type, timestamp, id, address } }) => (type === 'thing-moved' && {
      Key: KEY, ...updateExpression({ address, timestamp, oplockTie: id }), ConditionExpression: 'attribute_exists(pk) AND #timestamp < :timestamp',
    }) as object)],
    corrected: [renamed, write('moved', 'thing-moved', ({ event: { address } }) => ({ key: { ...KEY, sk: 'address' }, set: { address } }))],
    events: [event('e1', 'thing-renamed', 100, { name: 'n' }), event('e2', 'thing-moved', 200, { address: 'a' })],
    cause: 'own-condition',
    concerned: ['e2', 'e1'],
    attributes: ['address', 'oplockTie', 'timestamp'],
    says: /`thing-moved` e2 that comes before `thing-renamed` e1 is refused, and not by an oplock \(.*does not exist\)/,
  },
  'a condition that the item not be there': {
    rules: [request('once', ({ event: { timestamp, name } }) => ({ Key: KEY, ...updateExpression({ name, timestamp }), ConditionExpression: 'attribute_not_exists(pk)' }))],
    corrected: [renamed],
    events: [event('e1', 'thing-renamed', 100, { name: 'n' }), event('e2', 'thing-renamed', 200, { name: 'm' })],
    cause: 'own-condition',
    concerned: ['e1', 'e2'],
    attributes: ['name', 'timestamp'],
    says: /`thing-renamed` e1 that comes after `thing-renamed` e2 is refused, and not by an oplock \(.*attribute_not_exists/,
  },
  'a mapping that reads the clock, to the day': {
    rules: [write('day', 'thing-renamed', ({ event: { name } }) => ({ key: KEY, set: { name, seen: new Date().toISOString().slice(0, 10) } }))],
    corrected: [write('day', 'thing-renamed', ({ event: { name, timestamp } }) => ({ key: KEY, set: { name, seen: new Date(timestamp).toISOString().slice(0, 10) } }))],
    events: [event('e1', 'thing-renamed', 100, { name: 'n' }), event('e2', 'thing-renamed', 200, { name: 'm' })],
    cause: 'clock',
    concerned: ['e1'],
    attributes: ['seen'],
    says: /The mapping of `thing-renamed` e1 reads the clock: .*`seen` of `pk="thing-1" sk="thing"`.*event\.timestamp/,
  },
  'a mapping that depends on chance': {
    rules: [write('chance', 'thing-renamed', ({ event: { name } }) => ({ key: KEY, set: { name, dice: Math.random() } }))],
    corrected: [renamed],
    events: [event('e1', 'thing-renamed', 100, { name: 'n' })],
    cause: 'chance',
    concerned: ['e1'],
    attributes: ['dice'],
    says: /not a function of the event/,
  },
};
