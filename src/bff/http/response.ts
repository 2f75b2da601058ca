/** A response as API Gateway's HTTP API takes it (payload format 2.0). Names of headers are in lower case. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent where there is none: 204, 304, HEAD. */
  readonly body?: string;
}

/** The same as a `Response` of fetch, for Hono, Powertools and others that are built on it. */
export const toWebResponse = ({ statusCode, headers, body }: HttpResponse): Response =>
  new Response(body ?? null, { status: statusCode, headers: { ...headers } });

/** Without the body, its headers kept: the answer to HEAD. */
export const withoutBody = <R extends { readonly body?: string }>({ body: _, ...response }: R): Omit<R, 'body'> => response;
