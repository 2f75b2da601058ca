import { isOplockStreamError } from '../../../src/errors';
import { contractViolation, InvalidRecordError, isPlausibleTime } from '../../../src/sources/contract';

const name = { source: 'kinesis', record: '4959' };
const good = { id: 'e1', type: 'thing-created', timestamp: 1731924555370 };

describe('the event contract', () => {
  it.each([
    good,
    { ...good, timestamp: Date.UTC(1990, 0, 1) },
    { ...good, timestamp: 1731924555370.123 },
    { ...good, id: 'x'.repeat(2048) },
    JSON.parse('{"id":"e1","type":"t","timestamp":1731924555370,"__proto__":{"id":1}}') as object,
  ])('a sound event has no violation %#', (event) => {
    expect(contractViolation(event, name)).toBeUndefined();
  });

  it.each<[unknown, string, RegExp]>([
    [{ ...good, timestamp: 1731924555 }, 'timestamp', /1731924555, which looks like seconds/],
    [{ ...good, timestamp: 1545084650.987 }, 'timestamp', /looks like seconds/],
    [{ ...good, timestamp: 1731924555370123 }, 'timestamp', /looks like microseconds/],
    [{ ...good, timestamp: 1731924555370123456 }, 'timestamp', /looks like nanoseconds/],
    [{ ...good, timestamp: NaN }, 'timestamp', /found NaN/],
    [{ ...good, timestamp: Infinity }, 'timestamp', /Infinity/],
    [{ ...good, timestamp: -1731924555370 }, 'timestamp', /negative/],
    [{ ...good, timestamp: 0 }, 'timestamp', /1970-01-01 if milliseconds/],
    [{ ...good, timestamp: 5e12 }, 'timestamp', /too far in the future/],
    [{ ...good, timestamp: '2024-11-18T10:09:15.370Z' }, 'timestamp', /"2024-11-18T10:09:15.370Z", an ISO date as text/],
    [{ ...good, timestamp: '1731924555370' }, 'timestamp', /"1731924555370", a number as text/],
    [{ ...good, timestamp: 'yesterday' }, 'timestamp', /the string "yesterday";/],
    [{ ...good, timestamp: null }, 'timestamp', /found null/],
    [{ ...good, timestamp: true }, 'timestamp', /the boolean true/],
    [{ ...good, timestamp: { $date: 1 } }, 'timestamp', /an object/],
    [{ id: 'e1', type: 't' }, 'timestamp', /nothing \(it is missing\)/],
    [{ type: 't', timestamp: 1 }, 'id', /missing/],
    [{ ...good, id: '' }, 'id', /an empty string/],
    [{ ...good, id: 7 }, 'id', /the number 7/],
    [{ ...good, id: 'é'.repeat(1025) }, 'id', /a string of 2050 bytes/],
    [{ ...good, id: 'x'.repeat(2049) }, 'id', /a string of 2049 bytes/],
    [{ ...good, type: undefined }, 'type', /missing/],
    [{ ...good, type: ['a'] }, 'type', /an array/],
    [{ ...good, type: '' }, 'type', /an empty string/],
    [null, 'event', /found null/],
    [[good], 'event', /an array/],
    ['text', 'event', /the string "text"/],
    [undefined, 'event', /missing/],
  ])('%j violates it', (event, field, message) => {
    const error = contractViolation(event, name);
    expect(error).toBeInstanceOf(InvalidRecordError);
    expect(isOplockStreamError(error)).toBe(true);
    expect(error?.code).toBe('INVALID_RECORD');
    expect(error?.details).toEqual({ source: 'kinesis', record: '4959', field, found: expect.any(String) });
    expect(error?.message).toMatch(/^kinesis record 4959, field /);
    expect(error?.message).toContain(`field ${field}: found ${String(error?.details['found'])}; expected `);
    expect(error?.message).toMatch(message);
  });

  it('shows at most 40 characters of a value', () => {
    const secret = `${'a'.repeat(40)}SECRET`;
    const message = contractViolation({ ...good, timestamp: secret }, name)?.message ?? '';
    expect(message).toContain(`"${'a'.repeat(40)}"… (46 characters)`);
    expect(message).not.toContain('SECRET');
  });

  it('says so when a record has no identifier', () => {
    expect(contractViolation(null, { source: 'dynamodb', record: '' })?.message).toMatch(/^dynamodb record \(without identifier\), /);
  });

  it('lets older data in when told to', () => {
    const old = { ...good, timestamp: Date.UTC(1975, 5, 1) };
    expect(contractViolation(old, name)?.details['field']).toBe('timestamp');
    expect(contractViolation(old, name, { minTimestamp: Date.UTC(1970, 0, 1) })).toBeUndefined();
    expect(contractViolation({ ...good, timestamp: -1e12 }, name, { minTimestamp: -2e12 })).toBeUndefined();
    expect(contractViolation({ ...good, timestamp: 1731924555370123 }, name, { minTimestamp: 0 })?.message).toMatch(/microseconds/);
  });

  it('tells units apart whatever the instant', () => {
    for (const year of [1990, 2001, 2024, 2050, 2099]) {
      const ms = Date.UTC(year, 6, 1);
      expect([ms / 1000, ms, ms * 1000, ms * 1e6].map((time) => isPlausibleTime(time))).toEqual([false, true, false, false]);
    }
  });
});
