import { describeError, messageOf } from '../../src/error-text';

test.each<[unknown, string]>([
  [new TypeError('no such price'), 'TypeError: no such price'],
  [{ name: 'TimeoutError', message: 'no answer' }, 'TimeoutError: no answer'], // of another realm, or of an SDK
  ['a text', 'a text'],
  [Object.create(null), 'Error: unknown'], [undefined, 'Error: unknown'], [null, 'Error: unknown'], [7, 'Error: unknown'],
  [{ message: Symbol('odd') }, 'Error: Symbol(odd)'],
])('%p in one line', (error, text) => {
  expect(describeError(error)).toBe(text);
});

test('only what it says', () => {
  expect([messageOf(new Error('no')), messageOf('no'), messageOf(undefined)]).toEqual(['no', 'no', 'undefined']);
});
