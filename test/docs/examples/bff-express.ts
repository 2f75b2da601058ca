import type { ErrorRequestHandler } from 'express';
import { problemOf } from 'oplock-stream/bff';

/** The last `app.use(…)`. With `app.set('etag', false)`, or Express gives each problem a weak ETag that no `If-Match` fits. */
export const problems: ErrorRequestHandler = (error, request, response, _next) => {
  const { statusCode, headers, body } = problemOf(error, { request });
  response.status(statusCode).set(headers).send(body);
};
