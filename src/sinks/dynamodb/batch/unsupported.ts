import { isObject } from '../../../found';

/** What answers knows no statements (dynalite), or the function's role may not send any. A statement's code has no ending. */
export const isUnsupported = (error: unknown): boolean => {
  const name = isObject(error) ? error['name'] : undefined;
  return typeof name === 'string' && /(?:^|#)(?:UnknownOperation|AccessDenied)(?:Exception)?$/.test(name);
};
