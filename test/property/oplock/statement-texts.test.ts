import fc from 'fast-check';
import { updateStatement } from '../../../src/oplock/attempt/statement';
import { createStatementTexts } from '../../../src/oplock/attempt/statement-texts';
import { planItem } from '../../../src/oplock/plan/item';
import { settingsOf, type OplockSettings } from '../../../src/oplock/settings';
import { planWrite, type WriteRequest } from '../../../src/oplock/write';
import { NOW, uowOf } from '../../unit/oplock/uow';

/** Few, so that shapes come again, and nearly. */
const names = fc.constantFrom('a', 'e"f', 'toString');
/** As sinks have them: made once. */
const sinks = [{}, { attribute: 'version' }, { epoch: 1 }].map(settingsOf);

const attemptOf = (request: WriteRequest, settings: OplockSettings, id = 'e') => planItem([planWrite(request, uowOf({ id }), NOW, settings)], settings);

const writes = fc.record({
  table: fc.constantFrom('t', 'u'),
  key: fc.constantFrom<WriteRequest['key']>({ pk: '1' }, { pk: '2', sk: 's' }, { sk: 's', pk: '2' }),
  set: fc.dictionary(names, fc.oneof(fc.nat(9), fc.constant(undefined)), { maxKeys: 2 }),
  id: fc.constantFrom('e1', 'e2'),
  settings: fc.constantFrom(...sinks),
});

it('the text of a statement is the same whatever was said before it', () => {
  fc.assert(fc.property(fc.array(writes, { maxLength: 40 }), (all) => {
    const texts = createStatementTexts();
    for (const { table, key, set, id, settings } of all) {
      const attempt = attemptOf({ key, set }, settings, id);
      expect(updateStatement(attempt, table, texts)).toEqual(updateStatement(attempt, table, createStatementTexts()));
    }
  }));
});

it('and it is made once for events of one shape', () => {
  const texts = createStatementTexts();
  const settings = settingsOf();
  const attempt = (name: string, value: number) => attemptOf({ key: { pk: '1' }, set: { [name]: value } }, settings);
  const made: string[] = [];
  const text = (name: string, value: number) => texts.of(attempt(name, value), 't', () => (made.push(name), name));
  expect([text('a', 1), text('b', 1), text('a', 2), text('b', 2)]).toEqual(['a', 'b', 'a', 'b']);
  expect(made).toEqual(['a', 'b']);
});
