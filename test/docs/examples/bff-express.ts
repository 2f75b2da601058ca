import type { ErrorRequestHandler } from 'express';
import { problemOf } from 'oplock-stream/bff';

/** The last `app.use(…)`. */
export const problems: ErrorRequestHandler = (error, request, response, _next) => {
  const { statusCode, headers, body } = problemOf(error, { request });
  response.status(statusCode).set(headers).send(body);
};
