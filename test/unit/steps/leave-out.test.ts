import _ from 'highland';
import { outLatched, toPromise } from '../../../src';
import type { Settled } from '../../../src/settled';
import { leaveOut } from '../../../src/steps/leave-out';
import { event, fromTest, silent } from '../../support/uows';

const run = async (reasonOf: (id: string) => string | undefined) => {
  const settled: Settled[] = [];
  const through: string[] = [];
  await fromTest([{ event: event('a') }, { event: event('b') }], { logger: silent, publishFault: async () => {}, onSettled: (one) => settled.push(one) })
    .through(leaveOut(({ event: { id } }) => reasonOf(id)))
    .tap(({ event: { id } }) => through.push(id))
    .through(toPromise);
  return { through, outcomes: settled.map(({ outcome }) => outcome) };
};

it('ends what has a reason as filtered with it', async () => {
  expect(await run((id) => (id === 'a' ? 'old' : undefined))).toEqual({
    through: ['b'], outcomes: [{ kind: 'filtered', reason: 'old' }, { kind: 'filtered', reason: 'nothing was written' }],
  });
});

it('makes a fault of what throws', async () => {
  const { through, outcomes } = await run((id) => { if (id === 'a') throw new Error('no'); return undefined; });
  expect([through, outcomes[0]?.kind]).toEqual([['b'], 'fault']);
});

it('works on a stream that no source made', async () => {
  const change = (latched: boolean) => ({ event: event('x', { raw: { new: { latched } } }) });
  expect(await _([change(true), change(false)]).through(outLatched).collect().toPromise(Promise)).toEqual([change(false)]);
  const errors: string[] = [];
  await _([{ n: 1 }]).through(leaveOut(() => { throw new Error('no'); })).errors(({ message }) => errors.push(message)).collect().toPromise(Promise);
  expect(errors).toEqual(['no']);
});

it('lets events without images go on', async () => {
  const kept = await _([{ event: event('x') }, { event: event('x', { type: 'thing-deleted', raw: {} }) }]).through(outLatched).collect().toPromise(Promise);
  expect(kept).toHaveLength(2);
});
