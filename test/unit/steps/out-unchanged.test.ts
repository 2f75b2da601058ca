import { NumberValueImpl as NumberValue } from '@aws-sdk/util-dynamodb';
import _ from 'highland';
import { createHandler, fromDynamodb, outUnchanged, toDynamodbRecords, toPromise, type OutUnchangedOptions } from '../../../src';
import type { Settled } from '../../../src/settled';
import { event, silent } from '../../support/uows';

const T = Date.UTC(2026, 5, 1);
const keys = { pk: 'a', sk: 'thing' };
const GROUPS = { groups: { profile: ['name'] } };

/** Whether a change from one row to another goes on, through DynamoDB's JSON. */
const reasonOf = async (before: object, after: object, options?: OutUnchangedOptions): Promise<string | undefined> => {
  const settled: Settled[] = [];
  const batch = toDynamodbRecords([{ keys, oldImage: { ...before }, newImage: { ...after }, timestamp: T }]);
  await fromDynamodb(batch, { logger: silent, onSettled: (one) => settled.push(one) }).through(outUnchanged(options)).through(toPromise);
  const [outcome] = settled.map((one) => one.outcome);
  return outcome?.kind === 'filtered' && outcome.reason !== 'nothing was written' ? outcome.reason : undefined;
};

const ALL = {
  text: 'x', empty: '', number: 1.5, big: 12345678901234567890n, long: NumberValue.from('0.1234567890123456789012345678901'), yes: true, nothing: null,
  bytes: new Uint8Array([1, 2]), strings: new Set(['a', 'b']), numbers: new Set([1, 2]), binaries: new Set([new Uint8Array([1]), new Uint8Array([2])]),
  list: [1, 'x', [null]], map: { deep: { set: new Set(['a', 'b']), constructor: 1 } }, toString: 'own',
};

it.each<[string, object, object, ...OutUnchangedOptions[]]>([
  ['the oplock', { timestamp: T, name: 'x' }, { timestamp: T + 1, name: 'x' }],
  ['the tie', { timestamp: T, oplockTie: 'a' }, { timestamp: T, oplockTie: 'b' }],
  ['an oplock that was not there', { name: 'x' }, { name: 'x', timestamp: T, oplockTie: 'b' }],
  ['oplocks under other names', { at: 'a', by: 'a' }, { at: 'b', by: 'b' }, { oplock: { attribute: 'at', tieAttribute: 'by' } }],
  ['the oplocks of groups and of the newest delete', { timestamp_profile: 1, oplockTie_profile: 'a' }, { timestamp_profile: 2, oplockTie_profile: 'b', timestamp_deleted: 1, oplockTie_deleted: 'x' }, { oplock: GROUPS }],
  ['any type of value', { ...ALL, timestamp: T }, { ...ALL, timestamp: T + 1 }],
  ['the order in sets', { ...ALL }, { ...ALL, strings: new Set(['b', 'a']), numbers: new Set([2, 1]), binaries: new Set([new Uint8Array([2]), new Uint8Array([1])]), map: { deep: { constructor: 1, set: new Set(['b', 'a']) } } }],
])('leaves out a change of %s', async (_name, before, after, ...[options]) => {
  expect(await reasonOf(before, after, options)).toBe('nothing changed but the oplock');
});

it.each<[string, object, object, ...OutUnchangedOptions[]]>([
  ['text', { a: 'x' }, { a: 'y' }],
  ['the type', { a: 1 }, { a: '1' }],
  ['NULL for nothing', {}, { a: null }],
  ['nothing for a value', { a: 1 }, {}],
  ['an empty text for nothing', {}, { a: '' }],
  ['a digit beyond 2^53', { a: 12345678901234567890n }, { a: 12345678901234567891n }],
  ['a member of a set', { a: new Set(['x']) }, { a: new Set(['x', 'y']) }],
  ['a set for a list', { a: ['x'] }, { a: new Set(['x']) }],
  ['a byte', { a: new Uint8Array([1]) }, { a: new Uint8Array([2]) }],
  ['the order of a list', { a: [1, 2] }, { a: [2, 1] }],
  ['a name deep in a map', { a: { b: { c: 1 } } }, { a: { b: { d: 1 } } }],
  ['an attribute with the name of one of Object', {}, { toString: 'x' }],
  ['the mark of a delete', { name: 'x', timestamp: T }, { name: 'x', timestamp: T + 1, deleted: true }],
  ['the time to live, which may matter', { ttl: 1 }, { ttl: 2 }],
  ['the oplock of a group that nobody declared', { timestamp_profile: 1 }, { timestamp_profile: 2 }],
])('lets a change of %s go on', async (_name, before, after, ...[options]) => {
  expect(await reasonOf({ timestamp: T, ...before }, { timestamp: T + 1, ...after }, options)).toBeUndefined();
});

it('ignores what it is told to', async () => {
  const ignore = ['ttl', 'seenAt'];
  expect(await reasonOf({ ttl: 1, seenAt: 'a' }, { ttl: 2 }, { ignore })).toBe('nothing changed that counts');
  expect(await reasonOf({ ttl: 1, name: 'a' }, { ttl: 2, name: 'b' }, { ignore })).toBeUndefined();
});

it('lets go on what is no change of a row, or shows one side of it only', async () => {
  const row = { timestamp: T };
  const all = [{}, { raw: {} }, { raw: { new: row } }, { raw: { old: row } }].map((more) => ({ event: event('x', more) }));
  expect(await _(all).through(outUnchanged()).collect().toPromise(Promise)).toEqual(all);
});

it.each<[OutUnchangedOptions]>([[{ ignore: 'ttl' as never }], [{ ignore: [1 as never] }], [{ ignore: [''] }], [{ oplock: { attribute: '' } }], [{ oplock: { groups: {} } }]])('refuses %j when it is made', (options) => {
  expect(() => outUnchanged(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
});

it('is a step among others in a handler', () => {
  expect(typeof createHandler({ source: fromDynamodb, pipelines: { own: () => (stream) => stream.through(outUnchanged()) } })).toBe('function');
});
