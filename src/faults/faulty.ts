import { OplockStreamError } from '../errors';
import { ENTRY } from '../uow';
import { isError } from './is-error';

/**
 * Ties an error to the unit of work it happened in, as `error.uow`, so that a fault can name its record. The
 * property is not enumerable: loggers print enumerable fields, and a uow holds the payload. A uow attached
 * deeper down, closer to the cause, stays. What cannot carry a property (a string, a frozen error) is wrapped, and
 * so is the error of another event: a promise that is kept, and rejected, gives the same one to all.
 */
export const attachUow = (error: unknown, uow: unknown): Error => {
  const carrier = isError(error) && (hasUow(error) ? !isOfAnother(error, uow) : Object.isExtensible(error)) ? error : wrap(error);
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

const isOfAnother = (error: Error, uow: unknown): boolean => {
  const known = eventOf(uowOf(error));
  const own = eventOf(uow);
  return known !== undefined && own !== undefined && (known.ticket !== own.ticket || known.pipeline !== own.pipeline);
};

/** Parts of an event are the same event, its pipelines are not. */
const eventOf = (uow: unknown): { readonly ticket: unknown; readonly pipeline: string } | undefined =>
  typeof uow === 'object' && uow !== null ? (uow as { [ENTRY]?: { ticket: unknown; pipeline: string } })[ENTRY] : undefined;

const wrap = (error: unknown): Error =>
  isError(error)
    ? new OplockStreamError(hasUow(error) ? 'SHARED_ERROR' : 'ERROR_NOT_EXTENSIBLE', error.message, { cause: error })
    : new OplockStreamError(
      'NOT_AN_ERROR',
      `A step threw ${describe(error)} instead of an Error: throw an Error, so that a fault can say where it came from.`,
      { cause: error },
    );

const describe = (error: unknown): string => {
  if (typeof error === 'string') return JSON.stringify(error.slice(0, 200));
  return error === null || typeof error !== 'object' ? String(error) : 'an object';
};
