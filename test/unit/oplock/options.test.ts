import { initializeFrom, materialize, update } from '../../../src';
import { settingsOf } from '../../../src/oplock/settings';
import { planned } from '../../support/plans';
import { thrownBy, uowOf } from './uow';

const KEY = { pk: 'a', sk: 'thing' };

// Rules modules may be JavaScript: what the compiler would refuse must not be taken in silence.
it.each<[string, unknown, RegExp]>([
  ['a name that is misspelt', { onDelet: 'sidecar' }, /no option "onDelet".+onDelete/],
  ['a name of a sidecar', { onDelete: { sidecar: { table: 't' } } }, /oplock\.onDelete\.sidecar.+"table".+tableName, key/],
  ['a name beside a sidecar', { onDelete: { sidecar: {}, tableName: 't' } }, /oplock\.onDelete: .+"tableName"/],
  ['a name of a reduction', { reduce: { n: { by: 'dedupeSet', atribute: 'x' } } }, /"n": .+"atribute".+by, attribute/],
  ['a name of another reduction', { reduce: { n: { by: 'sequence', keepForDays: 3 } } }, /"keepForDays".+by, sequence, attribute/],
  ['a name of a row', { reduce: { n: { by: 'dedupeItem', attribute: 'x' } } }, /"attribute".+by, keepForDays, key, tableName/],
  ['an order that is none', { by: 'time' }, /oplock\.by: .+"time".+'timestamp' or 'sequence'/],
  ['a tie that is none', { tie: 'id' }, /oplock\.tie: .+"id".+'eventId'/],
  ['no days', { keepForDays: 0 }, /oplock\.keepForDays: .+0 .+days/],
  ['days as text', { keepForDays: '9' }, /oplock\.keepForDays/],
  ['endless days', { keepForDays: Infinity }, /oplock\.keepForDays/],
  ['a yes', { allowCounters: 'yes' }, /oplock\.allowCounters: .+true or false/],
  ['a word in place of options', 'sidecar', /^oplock: .+object/],
  ['null', null, /^oplock: .+object/],
])('refuses %s', (_name, options, message) => {
  expect(thrownBy(() => update({ oplock: options as never }))).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringMatching(message) });
});

it('takes every option that the types have', () => {
  for (const options of [
    {}, { by: 'sequence', attribute: 'o', tieAttribute: 't', deletedAttribute: 'd', ttlAttribute: 'x', keepForDays: 1, tie: () => 'a' },
    { groups: { a: ['b'] }, deletionAttribute: 'x', deletionTieAttribute: 'y' }, { epoch: 0, epochAttribute: 'e', onUnversioned: 'reject', allowCounters: true, maxFutureSkew: 0 },
    { sourceScope: 'source' }, { onDelete: { sidecar: { tableName: 't', key: (key: object) => key } } }, { skipUnchanged: true, hashAttribute: 'h', by: 'sequence' },
    { reduce: { a: { by: 'sequence', sequence: () => 1, attribute: 'x' }, b: { by: 'dedupeItem', keepForDays: 1, tableName: 't', key: (key: object) => key }, c: 'lww' } },
  ]) expect(() => settingsOf(options as never)).not.toThrow();
});

it('refuses a fold that is neither on nor off', () => {
  expect(thrownBy(() => update({ fold: 'no' as never }))).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining('fold') });
});

it('refuses a field that no write has: what it holds would be lost', () => {
  expect(thrownBy(() => planned({ key: KEY, sets: { name: 'n' } } as never, uowOf()))).toMatchObject({ code: 'INVALID_WRITE', message: expect.stringMatching(/sets.+key, set, remove, add, tombstone/) });
});

it('has types that know which fields go together', () => {
  const toWrite = () => ({ key: KEY });
  const toUpdateRequest = () => ({ Key: KEY });
  const refusals = [
    // @ts-expect-error one of both
    () => initializeFrom([{ id: 'r', flavor: materialize, toWrite, toUpdateRequest }]),
    // @ts-expect-error raw requests know no groups
    () => initializeFrom([{ id: 'r', flavor: materialize, toUpdateRequest, groups: { profile: ['name'] } }]),
    // @ts-expect-error nor counters
    () => initializeFrom([{ id: 'r', flavor: materialize, toUpdateRequest, reduce: { sold: 'dedupeSet' } }]),
  ];
  for (const refused of refusals) {
    expect(thrownBy(() => Object.values(refused()).map((make) => make({ id: 'r' })))).toMatchObject({ code: 'INVALID_RULE' });
  }
});
