import { Router } from '@aws-lambda-powertools/event-handler/http';
import { problemOf, toWebResponse } from 'oplock-stream/bff';

export const app = new Router();
app.errorHandler(Error, async (error, { req }) => toWebResponse(problemOf(error, { request: req })));
