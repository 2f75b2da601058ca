import middy from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { problemOf, type RouteResponse } from 'oplock-stream/bff';

export const withProblems = (handler: (event: APIGatewayProxyEventV2) => Promise<RouteResponse>) =>
  middy(handler).onError((request) => {
    const { headers, requestContext } = request.event;
    request.response = problemOf(request.error, { request: { headers, method: requestContext.http.method } });
  });
