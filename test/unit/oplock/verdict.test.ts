import { NumberValue } from '@aws-sdk/lib-dynamodb';
import { pkCondition } from '../../../src/oplock/pk-condition';
import { timestampCondition } from '../../../src/oplock/timestamp-condition';
import { updateExpression } from '../../../src/oplock/update-expression';
import { verdictOfRequest, type RawUpdateRequest } from '../../../src/oplock/verdict';
import type { OplockOptions } from '../../../src/oplock/write';
import { planned, verdictOf } from '../../support/plans';
import { T, uowOf } from './uow';

describe('of a structured write', () => {
  const write = (options: OplockOptions = {}) => planned({ key: { pk: 'a' }, set: { name: 'n' } }, uowOf(), options);
  const verdict = (oldItem: Record<string, unknown> | undefined) => verdictOf(write(), oldItem);

  test.each<[string, Record<string, unknown>, object]>([
    ['the very event', { timestamp: T, oplockTie: 'event-1' }, { kind: 'duplicate' }],
    ['the very event, read as text', { timestamp: NumberValue.from(`${T}.0`), oplockTie: 'event-1' }, { kind: 'duplicate' }],
    ['a newer one', { timestamp: T + 5, oplockTie: 'a' }, { kind: 'stale', behindMs: 5 }],
    ['a newer delete', { timestamp: T + 5, oplockTie: 'a', deleted: true }, { kind: 'tombstoned', behindMs: 5 }],
    ['a newer one that says it is not deleted', { timestamp: T + 5, oplockTie: 'a', deleted: false }, { kind: 'stale', behindMs: 5 }],
    ['the same time, higher tie', { timestamp: T, oplockTie: 'event-2' }, { kind: 'stale', behindMs: 0 }],
    ['a delete of the same time, higher tie', { timestamp: T, oplockTie: 'event-2', deleted: true }, { kind: 'tombstoned', behindMs: 0 }],
    ['the same time without a tie', { timestamp: T }, { kind: 'stale', behindMs: 0 }],
    ['the same time with a tie of another kind', { timestamp: T, oplockTie: 7 }, { kind: 'stale', behindMs: 0 }],
  ])('%s', (_, oldItem, expected) => {
    expect(verdict({ pk: 'a', ...oldItem })).toEqual(expected);
  });

  test.each<[string, unknown]>([['text', '1780000000005'], ['null', null], ['a boolean', true], ['a map', {}]])('an oplock that is %s would swallow every event', (_, timestamp) => {
    expect(verdict({ pk: 'a', timestamp })).toMatchObject({ kind: 'mismatch', reason: expect.stringContaining('"timestamp"') });
  });

  test.each<[string, Record<string, unknown> | undefined]>([
    ['no item', undefined], ['no oplock', { pk: 'a' }], ['an older event', { timestamp: T - 1 }], ['the same time, lower tie', { timestamp: T, oplockTie: 'event-0' }],
  ])('%s: it was not the oplock', (_, oldItem) => {
    expect(verdict(oldItem)).toMatchObject({ kind: 'passes', reason: expect.any(String) });
  });

  test('sequences have no distance in time', () => {
    const by = write({ by: 'sequence' });
    const at = String(by.oplock.at);
    expect(verdictOf(by, { timestamp: `${at}1`, oplockTie: 'x' })).toEqual({ kind: 'stale' });
    expect(verdictOf(by, { timestamp: at, oplockTie: 'event-1' })).toEqual({ kind: 'duplicate' });
    expect(verdictOf(by, { timestamp: T })).toMatchObject({ kind: 'mismatch' });
  });

  test('attributes under other names', () => {
    const names = { attribute: 'v', tieAttribute: 'e', deletedAttribute: 'gone' };
    const other = write(names);
    expect(verdictOf(other, { v: T + 1, e: 'x', gone: true, deleted: false }, names)).toEqual({ kind: 'tombstoned', behindMs: 1 });
    expect(verdictOf(other, { v: T, e: 'event-1' }, names)).toEqual({ kind: 'duplicate' });
  });
});

describe('of a raw request', () => {
  /** The mapping function of the literature. */
  const literature = (timestamp: number, name = 'n'): RawUpdateRequest => ({
    ExpressionAttributeNames: { '#name': 'name', '#oplock': 'oplock' },
    ExpressionAttributeValues: { ':name': name, ':timestamp': timestamp },
    UpdateExpression: 'SET #name = :name, #oplock = :timestamp',
    ConditionExpression: 'attribute_not_exists(#oplock) OR :timestamp > #oplock',
  });

  test.each<[string, Record<string, unknown>, object]>([
    ['a newer event', { name: 'x', oplock: T + 9 }, { kind: 'stale', behindMs: 9 }],
    ['a newer event with our content', { name: 'n', oplock: T + 9 }, { kind: 'stale', behindMs: 9 }],
    ['a newer delete', { oplock: T + 9, deleted: true }, { kind: 'tombstoned', behindMs: 9 }],
    ['our own write', { name: 'n', oplock: T }, { kind: 'duplicate' }],
    ['our own write, with more around it', { name: 'n', oplock: T, other: 1 }, { kind: 'duplicate' }],
    ['another event of the same time', { name: 'x', oplock: T }, { kind: 'stale', behindMs: 0 }],
    ['an oplock of another type', { name: 'n', oplock: String(T) }, { kind: 'mismatch', reason: 'oplock holds a string, the request compares it with a number' }],
    ['an older event', { name: 'x', oplock: T - 1 }, { kind: 'conflict', reason: 'the condition holds on the item as it is now' }],
  ])('%s', (_, oldItem, expected) => {
    expect(verdictOfRequest(literature(T), { pk: 'a', ...oldItem })).toEqual(expected);
  });

  test('no item', () => {
    expect(verdictOfRequest(literature(T), undefined)).toEqual({ kind: 'conflict', reason: 'the item does not exist' });
  });

  test('a business condition beside the oplock is not swallowed', () => {
    const request = { ...literature(T), ConditionExpression: '(attribute_not_exists(#oplock) OR :timestamp > #oplock) AND #name <> :name' };
    expect(verdictOfRequest(request, { name: 'n', oplock: T - 1 })).toEqual({ kind: 'conflict', reason: 'condition failed: name <> :name' });
    expect(verdictOfRequest(request, { name: 'n', oplock: T + 1 })).toEqual({ kind: 'stale', behindMs: 1 });
  });

  test.each(['attribute_not_exists(#name)', '#name <> :name', 'size(#name) > :timestamp', '#name = :other OR #name = :another'])('%s alone is a conflict that names it', (ConditionExpression) => {
    expect(verdictOfRequest({ ...literature(T), ConditionExpression }, { name: 'n', oplock: T + 1 })).toEqual({ kind: 'conflict', reason: `condition failed: ${ConditionExpression.replaceAll('#name', 'name')}` });
  });

  test('a lease or a limit is no oplock', () => {
    const lease = {
      ExpressionAttributeNames: { '#expires': 'expires' }, ExpressionAttributeValues: { ':now': T, ':later': T + 30_000 },
      UpdateExpression: 'SET #expires = :later', ConditionExpression: 'attribute_not_exists(#expires) OR #expires < :now',
    };
    expect(verdictOfRequest(lease, { expires: T + 10 }).kind).toBe('conflict');
    const limit = { ExpressionAttributeValues: { ':max': 10, ':one': 1 }, UpdateExpression: 'SET taken = taken + :one', ConditionExpression: 'taken < :max' };
    expect(verdictOfRequest(limit, { taken: 10 })).toEqual({ kind: 'conflict', reason: 'condition failed: taken < :max' });
  });

  test.each(['#oplock ~ :timestamp', 'attribute_not_exists(#oplock) OR', '(', 'x'.repeat(100_000)])('what cannot be read is never stale: %#', (ConditionExpression) => {
    expect(verdictOfRequest({ ...literature(T), ConditionExpression }, { oplock: T + 1 })).toEqual({ kind: 'conflict', reason: 'unparsed condition' });
  });

  test('no condition at all', () => {
    expect(verdictOfRequest({ UpdateExpression: 'SET a = :a' }, { a: 1 }).kind).toBe('conflict');
  });

  test('an update that cannot be read is no proof of a duplicate', () => {
    expect(verdictOfRequest({ ...literature(T), UpdateExpression: 'SET ???' }, { name: 'n', oplock: T })).toEqual({ kind: 'stale', behindMs: 0 });
  });

  test('attribute missing under a bare comparison', () => {
    const request = { ...literature(T), ConditionExpression: '#oplock < :timestamp' };
    expect(verdictOfRequest(request, { pk: 'a' })).toEqual({ kind: 'conflict', reason: 'condition failed: oplock < :timestamp' });
    expect(verdictOfRequest(request, { oplock: T + 2 })).toEqual({ kind: 'stale', behindMs: 2 });
  });

  test('a condition with a tie', () => {
    const request = {
      ...literature(T),
      ExpressionAttributeNames: { '#name': 'name', '#oplock': 'oplock', '#tie': 'tie' }, ExpressionAttributeValues: { ':name': 'n', ':timestamp': T, ':tie': 'b' },
      UpdateExpression: 'SET #name = :name, #oplock = :timestamp, #tie = :tie',
      ConditionExpression: 'attribute_not_exists(#oplock) OR #oplock < :timestamp OR (#oplock = :timestamp AND #tie < :tie)',
    };
    expect(verdictOfRequest(request, { name: 'n', oplock: T, tie: 'b' })).toEqual({ kind: 'duplicate' });
    expect(verdictOfRequest(request, { name: 'x', oplock: T, tie: 'c' })).toEqual({ kind: 'stale', behindMs: 0 });
    expect(verdictOfRequest(request, { name: 'x', oplock: T + 1, tie: 'a' })).toEqual({ kind: 'stale', behindMs: 1 });
  });

  test('versions and texts have no distance in ms', () => {
    expect(verdictOfRequest(literature(5), { oplock: 7 })).toEqual({ kind: 'stale' });
    const iso = { ...literature(0), ExpressionAttributeValues: { ':name': 'n', ':timestamp': '2026-01-01' } };
    expect(verdictOfRequest(iso, { oplock: '2026-02-01' })).toEqual({ kind: 'stale' });
    expect(verdictOfRequest({ ...literature(0), ExpressionAttributeValues: { ':name': 'n', ':timestamp': 1_700_000_000_000_000 } }, { oplock: 1_700_000_000_000_001 })).toEqual({ kind: 'stale' });
  });

  test('composed helpers: own write, newer write, removed and grown attributes', () => {
    const request = (item: Record<string, unknown>): RawUpdateRequest => ({ ...updateExpression(item), ...timestampCondition() });
    const event = { name: 'n', gone: null, tags: new Set(['a']), old_delete: new Set(['z']), timestamp: T };
    const stored = { name: 'n', tags: new Set(['a', 'b']), timestamp: T };
    expect(verdictOfRequest(request(event), stored)).toEqual({ kind: 'duplicate' });
    expect(verdictOfRequest(request(event), { ...stored, gone: 1 })).toEqual({ kind: 'stale', behindMs: 0 });
    expect(verdictOfRequest(request(event), { ...stored, tags: new Set(['b']) })).toEqual({ kind: 'stale', behindMs: 0 });
    expect(verdictOfRequest(request(event), { ...stored, old: new Set(['z']) })).toEqual({ kind: 'stale', behindMs: 0 });
    expect(verdictOfRequest(request(event), { ...stored, timestamp: T + 3 })).toEqual({ kind: 'stale', behindMs: 3 });
    expect(verdictOfRequest({ ...updateExpression(event), ...pkCondition() }, { pk: 'a', ...stored })).toEqual({ kind: 'conflict', reason: 'condition failed: attribute_not_exists(pk)' });
  });

  test('the mark of a tombstone can be named', () => {
    expect(verdictOfRequest(literature(T), { oplock: T + 1, gone: true }, { deletedAttribute: 'gone' })).toEqual({ kind: 'tombstoned', behindMs: 1 });
    expect(verdictOfRequest(literature(T), { oplock: T + 1, deleted: true }, { deletedAttribute: 'gone' })).toEqual({ kind: 'stale', behindMs: 1 });
  });

  test('a reason is short and shows no value', () => {
    const ConditionExpression = Array.from({ length: 200 }, () => '#name = :secret').join(' OR ');
    const verdict = verdictOfRequest({ ConditionExpression, ExpressionAttributeNames: { '#name': 'name' }, ExpressionAttributeValues: { ':secret': 'hunter2' } }, { name: 'x' });
    expect(verdict.kind).toBe('conflict');
    expect(JSON.stringify(verdict).length).toBeLessThan(600);
    expect(JSON.stringify(verdict)).not.toContain('hunter2');
  });
});
