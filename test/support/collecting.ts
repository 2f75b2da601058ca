import _ from 'highland';

/** Notes what goes by, values and not errors. */
export const collecting = (into: unknown[]) => (stream: Highland.Stream<unknown>): Highland.Stream<unknown> =>
  stream.consume((error, value, push, next) => {
    if (error) push(error);
    else {
      push(null, value);
      if (_.isNil(value)) return;
      into.push(value);
    }
    next();
  });
