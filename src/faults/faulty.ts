import { OplockStreamError } from '../errors';
import { isError } from './is-error';

/**
 * Ties an error to the unit of work it happened in, as `error.uow`, so that a fault can name its record. The
 * property is not enumerable: loggers print enumerable fields, and a uow holds the payload. A uow attached
 * deeper down, closer to the cause, stays. What cannot carry a property (a string, a frozen error) is wrapped.
 */
export const attachUow = (error: unknown, uow: unknown): Error => {
  const carrier = isError(error) && (hasUow(error) || Object.isExtensible(error)) ? error : wrap(error);
  if (!hasUow(carrier)) Object.defineProperty(carrier, 'uow', { value: uow, configurable: true, writable: true });
  return carrier;
};

/** The unit of work that {@link attachUow} (or aws-lambda-stream's helpers) tied to an error. */
export const uowOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null ? (error as { uow?: unknown }).uow : undefined;

/** `stream.map(faulty(fn))`: what `fn` throws becomes a fault of its uow. */
export const faulty = <U, R>(fn: (uow: U) => R) => (uow: U): R => {
  try {
    return fn(uow);
  } catch (error) {
    throw attachUow(error, uow);
  }
};

/** As {@link faulty} for a function that returns a promise; its synchronous throws count as rejections. */
export const faultyAsync = <U, R>(fn: (uow: U) => R | PromiseLike<R>) => async (uow: U): Promise<R> => {
  try {
    return await fn(uow);
  } catch (error) {
    throw attachUow(error, uow);
  }
};

/** `catch (error) { throwFault(uow)(error); }` */
export const throwFault = (uow: unknown) => (error: unknown): never => {
  throw attachUow(error, uow);
};

/** `promise.catch(rejectWithFault(uow))` */
export const rejectWithFault = (uow: unknown) => (error: unknown): Promise<never> => Promise.reject(attachUow(error, uow));

const hasUow = (error: Error): boolean => uowOf(error) !== undefined;

const wrap = (error: unknown): Error =>
  isError(error)
    ? new OplockStreamError('ERROR_NOT_EXTENSIBLE', error.message, { cause: error })
    : new OplockStreamError(
      'NOT_AN_ERROR',
      `A step threw ${describe(error)} instead of an Error: throw an Error, so that a fault can say where it came from.`,
      { cause: error },
    );

const describe = (error: unknown): string => {
  if (typeof error === 'string') return JSON.stringify(error.slice(0, 200));
  return error === null || typeof error !== 'object' ? String(error) : 'an object';
};
