import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { isOplockStreamError } from '../../../src/errors';
import { evaluate } from '../../../src/oplock/condition/evaluate';
import { parseCondition } from '../../../src/oplock/condition/parse';
import { conditionText } from '../../../src/oplock/condition/text';
import { parseUpdateParts } from '../../../src/oplock/condition/update-parts';
import { aliasOf } from '../../../src/oplock/placeholders';
import { timestampCondition } from '../../../src/oplock/timestamp-condition';
import { updateExpression } from '../../../src/oplock/update-expression';
import { equalValues } from '../../../src/oplock/value/compare';
import { verdictOfRequest } from '../../../src/oplock/verdict';
import type { Write, WriteRequest } from '../../../src/oplock/write';
import * as plans from '../../support/plans';
import { uowOf } from '../../unit/oplock/uow';
import { caseOf, hostileName, hostileValue, WHOLE } from './conditions';

const set = fc.array(fc.tuple(hostileName, hostileValue), { maxLength: 5 }).map((entries) => Object.fromEntries(entries) as Record<string, unknown>);
const PLACEHOLDERS_ONLY = /^(?:(?:SET|REMOVE|ADD|DELETE) (?:#\w+(?: ?= ?| )?(?::\w+)?(?:, ?)?)+ ?)*$/;

/** The plan, or undefined when the write is refused with an error of ours; any other error is a bug. */
const planned = (request: WriteRequest): Write | undefined => {
  try {
    return plans.planned(request, uowOf());
  } catch (error) {
    if (!isOplockStreamError(error)) throw error;
    expect(['INVALID_WRITE', 'ITEM_TOO_LARGE']).toContain(error.code);
    expect(error.message.length).toBeLessThan(1_000);
    return undefined;
  }
};

test('hostile writes are refused, or rendered with placeholders only, every name its own', () => {
  let rendered = 0;
  fc.assert(fc.property(set, fc.array(hostileName, { maxLength: 3 }), fc.boolean(), (attributes, remove, tombstone) => {
    const write = planned({ key: { pk: 'a' }, set: attributes, remove, tombstone });
    if (!write) return;
    rendered += 1;
    const { command, input } = plans.rendered(write);
    const names = Object.values(input.ExpressionAttributeNames ?? {});
    const wanted = Object.keys(attributes).filter((name) => attributes[name] !== undefined && !(attributes[name] instanceof Set && attributes[name].size === 0));
    expect(input.ConditionExpression).toMatch(/^[\w#:=<>() ]+$/);
    if (command === 'put') {
      expect(Object.keys(input.Item ?? {}).sort()).toEqual([...wanted, 'pk', 'timestamp', 'oplockTie', 'deleted', 'ttl'].sort());
      return;
    }
    expect(input.UpdateExpression).toMatch(PLACEHOLDERS_ONLY);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining([...wanted, ...remove]));
    for (const placeholder of input.UpdateExpression?.match(/[#:]\w+/g) ?? []) {
      expect(Object.hasOwn((placeholder.startsWith('#') ? input.ExpressionAttributeNames : input.ExpressionAttributeValues) ?? {}, placeholder)).toBe(true);
    }
  }), { numRuns: 600 });
  expect(rendered).toBeGreaterThan(100);
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test('what a plan accepts, the document client carries to the table and back without loss', () => {
  let carried = 0;
  fc.assert(fc.property(hostileValue, (value) => {
    const stored = planned({ key: { pk: 'a' }, set: { value } })?.set['value'];
    if (stored === undefined) return;
    carried += 1;
    const back = unmarshall(marshall({ value: stored }), { wrapNumbers: true });
    expect(equalValues(back['value'], stored)).toBe(true);
  }), { numRuns: 1_000 });
  expect(carried).toBeGreaterThan(300);
});

test('updateExpression never lets a name or value into the text', () => {
  fc.assert(fc.property(set, (item) => {
    try {
      const { UpdateExpression: text = '', ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = updateExpression(item);
      expect(text).toMatch(PLACEHOLDERS_ONLY);
      expect(new Set(text.match(/[#:]\w+/g) ?? [])).toEqual(new Set([...Object.keys(names), ...Object.keys(values)]));
      for (const placeholder of [...Object.keys(names), ...Object.keys(values)]) expect(placeholder).toMatch(/^[#:]\w{1,254}$/);
      expect(new Set(Object.values(names)).size).toBe(Object.keys(names).length);
    } catch (error) {
      if (!isOplockStreamError(error)) throw error;
      expect(Object.hasOwn(item, '__proto__') || (Object.hasOwn(item, 'tags') && Object.hasOwn(item, 'tags_delete'))).toBe(true);
    }
  }), { numRuns: 600 });
});

test('two names never share an alias', () => {
  const tricky = fc.string({ unit: fc.constantFrom('_', 'x', '2', 'd', '5', 'f', '-', 'a', '_x', 'x2d_'), minLength: 1, maxLength: 8 });
  fc.assert(fc.property(fc.uniqueArray(fc.oneof(tricky, hostileName), { minLength: 2, maxLength: 30 }), (names) => {
    expect(new Set(names.map(aliasOf)).size).toBe(names.length);
    for (const name of names) expect(timestampCondition(name).ConditionExpression).toMatch(/^attribute_not_exists\(#\w+\) OR #\w+ < :\w+$/);
  }), { numRuns: 1_000 });
});

const soup = fc.array(fc.constantFrom(
  'a', '#n', ':v', '(', ')', '[', ']', '.', ',', '0', '=', '<', '<>', '>=', ' ', 'AND', 'or', 'NOT', 'BETWEEN', 'IN', 'size', 'contains', 'attribute_not_exists', 'SET', 'REMOVE', 'ADD', '+', '\u0000', '😀', '__proto__',
), { maxLength: 40 }).map((words) => words.join(' '));
const anyItem = fc.dictionary(hostileName, fc.oneof(hostileValue, fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withNullPrototype: true })));

test('whatever the request and the item, there is a verdict', () => {
  const write = plans.planned({ key: { pk: 'a' } }, uowOf());
  fc.assert(fc.property(soup, soup, anyItem, hostileValue, hostileName, (condition, update, item, value, name) => {
    const request = { ConditionExpression: condition, UpdateExpression: update, ExpressionAttributeNames: { '#n': name }, ExpressionAttributeValues: { ':v': value } };
    expect(typeof verdictOfRequest(request, item).kind).toBe('string');
    expect(typeof plans.verdictOf(write, { ...item, timestamp: value, oplockTie: name }).kind).toBe('string');
    const inverse = { ...request, ConditionExpression: 'attribute_not_exists(#n) OR #n < :v', UpdateExpression: 'SET #n = :v' };
    expect(typeof verdictOfRequest(inverse, { ...item, [name]: value }).kind).toBe('string');
    expect(Array.isArray(parseUpdateParts(update) ?? [])).toBe(true);
  }), { numRuns: 600 });
});

test('a condition means the same after it was written down and read again', () => {
  fc.assert(fc.property(caseOf(WHOLE), ({ condition, values, item }) => {
    const again = parseCondition(conditionText(condition, {}));
    expect(again && evaluate(again, item, { values })).toBe(evaluate(condition, item, { values }));
  }), { numRuns: 600 });
});
