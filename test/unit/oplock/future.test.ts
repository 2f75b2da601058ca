import { FutureEventError, isOplockStreamError, OplockStreamError } from '../../../src';
import { aheadOf, maxFutureSkewOf, refuseFuture } from '../../../src/oplock/future';
import { combineOutcomes, OUTCOME_KINDS, type Outcome } from '../../../src/outcome';
import { NOW, thrownBy, uowOf } from './uow';

const refuse = (at: unknown, maxFutureSkew?: number, now = NOW) =>
  () => refuseFuture(at, uowOf({ id: 'e1' }), now, maxFutureSkewOf(maxFutureSkew === undefined ? {} : { maxFutureSkew }));

describe('how far ahead an event may be', () => {
  it.each<[number, number | undefined]>([[300_000, undefined], [0, 0], [0.5, 0.5], [86_400_000, 86_400_000]])('%p ms with maxFutureSkew %p, and no more', (most, skew) => {
    expect(refuse(NOW + most, skew)).not.toThrow();
    expect(refuse(NOW + most + 1, skew)).toThrow(FutureEventError);
    expect(refuse(0, skew)).not.toThrow();
  });

  it('is not limited by Infinity', () => {
    expect(refuse(Number.MAX_SAFE_INTEGER, Infinity, 0)).not.toThrow();
  });

  it('is not asked of an oplock that is no time', () => {
    for (const at of ['056:9999', undefined, null, 10n ** 18n]) expect(refuse(at, 0)).not.toThrow();
  });

  it.each([-1, NaN, -Infinity, '5', null, true, 5n, {}])('cannot be %p', (maxFutureSkew) => {
    expect(thrownBy(() => maxFutureSkewOf({ maxFutureSkew: maxFutureSkew as number }))).toMatchObject({
      code: 'INVALID_OPTION', message: expect.stringMatching(/^oplock\.maxFutureSkew: found .+Infinity/),
    });
  });

  it('is five minutes by default', () => {
    expect([maxFutureSkewOf(), maxFutureSkewOf({}), maxFutureSkewOf({ maxFutureSkew: 0 })]).toEqual([300_000, 300_000, 0]);
  });
});

describe('the error', () => {
  it('says which event, when, by how much, and what to do', () => {
    const at = Date.UTC(2099, 11, 31);
    const error = thrownBy(refuse(at)) as OplockStreamError;
    expect(isOplockStreamError(error)).toBe(true);
    expect(error).toMatchObject({ name: 'FutureEventError', code: 'FUTURE_EVENT', details: { timestamp: at, aheadMs: at - NOW, maxFutureSkew: 300_000 } });
    for (const part of ['"e1"', '2099-12-31T00:00:00.000Z', `${at - NOW} ms ahead`, 'maxFutureSkew allows 300000', 'resubmit']) expect(error.message).toContain(part);
  });

  it('can tell of a time beyond all calendars, of a long id, and of none', () => {
    expect(thrownBy(refuse(Number.MAX_SAFE_INTEGER)).message).toContain('9007199254740991, ');
    expect(new FutureEventError('x'.repeat(2_000), 2, 1, 0).message.length).toBeLessThan(600);
    expect(new FutureEventError(undefined, 2, 1, 0).message).toContain('nothing');
  });

  it('is known by its code, as another build\'s is', () => {
    expect(aheadOf(new FutureEventError('e', 5, 4, 0))).toBe(4);
    expect(aheadOf(new OplockStreamError('FUTURE_EVENT', '', { details: { aheadMs: 7 } }))).toBe(7);
    for (const other of [new OplockStreamError('FUTURE_EVENT', ''), new OplockStreamError('OTHER', '', { details: { aheadMs: 7 } }), Object.assign(new Error(), { code: 'FUTURE_EVENT' }), undefined]) {
      expect(aheadOf(other)).toBeUndefined();
    }
  });
});

it('comes behind a fault, and before everything that needs nobody', () => {
  const future: Outcome = { kind: 'future', aheadMs: 1, error: undefined };
  for (const kind of OUTCOME_KINDS.filter((one) => one !== 'future')) {
    const other = { kind } as Outcome;
    const first = kind === 'retry' || kind === 'fault' ? other : future;
    expect([combineOutcomes([future, other]), combineOutcomes([other, future])]).toEqual([first, first]);
  }
});
