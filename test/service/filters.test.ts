import { join } from 'node:path';
import { filter } from '../../src/replay/event-source/filter/criteria';
import { readServerless } from '../../src/service/local/read-serverless';

/** What the filters of serverless.yml leave out, by the rules of Lambda's pattern language. */
const wants = (name: string): ((record: unknown) => boolean) => {
  const { functions } = readServerless(join(__dirname, '..', '..', 'serverless.yml'));
  const [stream] = functions.find((one) => one.name === name)?.streams ?? [];
  return filter(stream?.settings.filterCriteria);
};

const row = (latched?: object): object => ({ pk: { S: 'opera.A1' }, sk: { S: 'seat' }, ...(latched && { latched }) });

describe('the trigger', () => {
  const trigger = wants('trigger');
  const change = (eventName: string, dynamodb: object): object => ({ eventID: '1', eventName, eventSource: 'aws:dynamodb', dynamodb: { Keys: { pk: { S: 'opera.A1' } }, ...dynamodb } });

  it.each([
    ['without the attribute', undefined], ['with null', { NULL: true }], ['with false', { BOOL: false }], ['with another type', { S: 'true' }],
  ])('sees a row %s', (_what, latched) => {
    expect(trigger(change('INSERT', { NewImage: row(latched) }))).toBe(true);
    expect(trigger(change('MODIFY', { NewImage: row(latched), OldImage: row({ BOOL: true }) }))).toBe(true);
  });

  it('does not see what a listener wrote', () => {
    expect(trigger(change('INSERT', { NewImage: row({ BOOL: true }) }))).toBe(false);
    expect(trigger(change('MODIFY', { NewImage: row({ BOOL: true }), OldImage: row() }))).toBe(false);
  });

  it.each([['of the desk', undefined], ['of a listener', { BOOL: true }]])('sees a removed row %s: the function decides', (_what, latched) => {
    expect(trigger(change('REMOVE', { OldImage: row(latched) }))).toBe(true);
  });
});

describe('the listener', () => {
  const listener = wants('listener');

  it.each([
    [true, { type: 'seat-created' }], [true, { type: 'seat-deleted', seat: {} }], [false, { type: 'show-created' }], [false, { type: 'fault' }], [false, {}],
  ])('takes by type: %s for %j', (wanted, data) => {
    expect(listener({ kinesis: {}, data })).toBe(wanted);
  });
});
