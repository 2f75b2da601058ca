import { classifyError } from '../../../src/faults/classify';
import { attachUow, faulty, faultyAsync, rejectWithFault, throwFault, uowOf } from '../../../src/faults/faulty';

const caught = (fn: () => unknown): unknown => {
  try {
    fn();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};
const uow = { record: { secret: 'payload' } };
const boom = new TypeError('boom');

describe('helpers for user functions', () => {
  it('let results through', async () => {
    expect(faulty((n: number) => n + 1)(1)).toBe(2);
    await expect(faultyAsync(async (n: number) => n + 1)(1)).resolves.toBe(2);
  });

  it('attach the uow to what is thrown', async () => {
    const sync = new TypeError('sync');
    expect(caught(() => faulty(() => { throw sync; })(uow))).toBe(sync);
    expect(uowOf(sync)).toBe(uow);

    const async = new TypeError('async');
    await expect(faultyAsync(() => Promise.reject(async))(uow)).rejects.toBe(async);
    expect(uowOf(async)).toBe(uow);

    const early = new TypeError('thrown before there is a promise');
    await expect(faultyAsync(() => { throw early; })(uow)).rejects.toBe(early);
    expect(uowOf(early)).toBe(uow);

    const handed = new Error('handed over');
    expect(caught(() => throwFault(uow)(handed))).toBe(handed);
    await expect(rejectWithFault(uow)(handed)).rejects.toBe(handed);
    expect(uowOf(handed)).toBe(uow);
  });

  it('keep the uow that was attached first, closest to the cause', () => {
    const inner = { inner: true };
    const error = caught(() => faulty(() => faulty(() => { throw new Error('deep'); })(inner))(uow));
    expect(uowOf(error)).toBe(inner);
    expect(uowOf(attachUow(Object.assign(new Error('from aws-lambda-stream'), { uow: inner }), uow))).toBe(inner);
  });

  it('do not show the payload to loggers', () => {
    expect(JSON.stringify(attachUow(boom, uow))).not.toContain('payload');
    expect(Object.keys(attachUow(new Error('x'), uow))).toEqual([]);
  });

  it.each([['a string', 'text', '"text"'], ['null', null, 'null'], ['undefined', undefined, 'undefined'], ['an object', { a: 1 }, 'an object'], ['a symbol', Symbol('s'), 'Symbol(s)']])(
    'wrap %s',
    (_, thrown, shown) => {
      const error = caught(() => throwFault(uow)(thrown));
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({ code: 'NOT_AN_ERROR' });
      expect((error as Error).cause).toBe(thrown);
      expect((error as Error).message).toContain(shown);
      expect(uowOf(error)).toBe(uow);
    },
  );

  it('wrap an error that takes no property, without losing what it says', () => {
    const frozen = Object.freeze(Object.assign(new Error('slow down'), { name: 'ThrottlingException' }));
    const error = attachUow(frozen, uow);
    expect(error).toMatchObject({ message: 'slow down', cause: frozen });
    expect(uowOf(error)).toBe(uow);
    expect(classifyError(error)).toBe('transient');
  });

  it('find no uow where there is none', () => {
    expect([uowOf(new Error('x')), uowOf('text'), uowOf(null), uowOf(undefined)]).toEqual([undefined, undefined, undefined, undefined]);
  });
});
