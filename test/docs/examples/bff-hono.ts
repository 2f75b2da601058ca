import { Hono } from 'hono';
import { problemOf, toWebResponse } from 'oplock-stream/bff';

export const app = new Hono();
app.onError((error, { req }) => toWebResponse(problemOf(error, { request: req.raw })));
