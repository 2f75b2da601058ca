import { violations } from '../json-schema';

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

interface Described {
  readonly headers?: Readonly<Record<string, object>>;
  readonly content?: Readonly<Record<string, { readonly schema?: Readonly<Record<string, unknown>> }>>;
}

interface Operation {
  readonly responses: Readonly<Record<string, Described>>;
}

export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const METHODS = ['get', 'put', 'post', 'delete'];

/** `PUT /locks/{name} 201`: everything that is documented. */
export const documented = ({ paths }: Description): readonly string[] =>
  Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods)
    .filter(([method]) => METHODS.includes(method))
    .flatMap(([method, { responses }]) => Object.keys(responses).map((status) => `${method.toUpperCase()} ${path} ${status}`)));

/** The path of the description that a path of a request is one of. */
const pathOf = ({ paths }: Description, path: string): string | undefined => {
  const wanted = path.split('/');
  return Object.keys(paths).find((one) => {
    const segments = one.split('/');
    return segments.length === wanted.length && segments.every((segment, at) => (segment.startsWith('{') ? wanted[at] !== '' : segment === wanted[at]));
  });
};

const methodOf = (methods: Readonly<Record<string, Operation>> = {}, method: string): Operation | undefined => (Object.hasOwn(methods, method) ? methods[method] : undefined);

/** Headers that answers have whether or not they are described. */
const ALWAYS = ['content-type', 'cache-control', 'x-content-type-options', 'content-security-policy', 'referrer-policy'];

/** What an answer has that is not described, or the other way round; its place in the description first. */
export const compareWith = (description: Description, method: string, path: string, { status, headers, body }: Answered): { readonly place?: string; readonly wrong: readonly string[] } => {
  const found = pathOf(description, path);
  const operation = found === undefined ? undefined : methodOf(description.paths[found], (method === 'HEAD' ? 'GET' : method).toLowerCase());
  // Paths and methods that there are none of are not described.
  if (!operation) return { wrong: status === 404 || status === 405 ? [] : [`${method} ${path} is not described, and answered with ${status}`] };
  const place = `${method} ${found} ${status}`;
  const described = operation.responses[String(status)];
  if (!described) return { place, wrong: [`${place} is not described: ${JSON.stringify(body)}`] };
  const extra = Object.keys(headers).filter((name) => !ALWAYS.includes(name) && !Object.hasOwn(described.headers ?? {}, name));
  const type = headers['content-type']?.replace(/;.*/, '');
  const content = type === undefined ? undefined : described.content?.[type];
  const wrong = extra.map((name) => `${place}: the header ${name} is not described`);
  if (method === 'HEAD') return { place, wrong };
  if ((type !== undefined) !== (described.content !== undefined)) return { place, wrong: [...wrong, `${place}: the body is ${type ?? 'missing'}`] };
  if (type !== undefined && !content) return { place, wrong: [...wrong, `${place}: the type ${type} is not described`] };
  return { place, wrong: [...wrong, ...(content?.schema ? violations(body, content.schema, description, place) : [])] };
};
