import { OplockStreamError } from 'oplock-stream';

export interface RouteMatch<T> {
  readonly routeKey: string;
  readonly target: T;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** `undefined`: no route. Throws `URIError` for a path that cannot be decoded. */
export type Router<T> = (method: string, path: string) => RouteMatch<T> | undefined;

interface Route<T> {
  readonly routeKey: string;
  readonly method: string;
  readonly segments: readonly string[];
  readonly target: T;
}

/**
 * Finds the route of a request as an HTTP API does: the path with the most fixed segments first, a `{name}` before a
 * `{name+}` that takes the rest, the method before `ANY`, and `$default` when nothing else fits. A path that has no
 * route with its method is not found: an HTTP API knows no 405.
 * Throws `INVALID_ROUTE` for a route key that is none.
 */
export const createRouter = <T>(targets: Readonly<Record<string, T>>): Router<T> => {
  const routes = Object.entries(targets).map(([routeKey, target]) => parse(routeKey, target)).sort(byRank);

  return (method, path) => {
    const parts = path.split('/').slice(1);
    for (const { routeKey, method: wanted, segments, target } of routes) {
      if (wanted !== 'ANY' && wanted !== method) continue;
      const pathParameters = routeKey === '$default' ? {} : capture(segments, parts);
      if (pathParameters) return { routeKey, target, pathParameters };
    }
    return undefined;
  };
};

const parse = <T>(routeKey: string, target: T): Route<T> => {
  if (routeKey === '$default') return { routeKey, method: 'ANY', segments: [], target };
  const [, method = '', path = ''] = /^([A-Z]+) \/(\S*)$/.exec(routeKey) ?? [];
  if (method === '') throw new OplockStreamError('INVALID_ROUTE', `"${routeKey}" is no route: write a method and a path, for example "GET /seats/{id}", or "$default".`);
  return { routeKey, method, segments: path.split('/'), target };
};

const isGreedy = (segment: string | undefined): boolean => segment?.endsWith('+}') === true;
const isVariable = (segment: string | undefined): boolean => segment?.startsWith('{') === true;

/** A digit for each segment, so that routes sort as texts: fixed before variable before the rest, `$default` last. */
const rank = ({ routeKey, method, segments }: Route<unknown>): string =>
  routeKey === '$default' ? '9' : `${segments.map((segment) => (isGreedy(segment) ? 3 : isVariable(segment) ? 2 : 1)).join('')}${method === 'ANY' ? 5 : 4}`;

const byRank = (a: Route<unknown>, b: Route<unknown>): number => (rank(a) < rank(b) ? -1 : 1);

const capture = (segments: readonly string[], parts: readonly string[]): Readonly<Record<string, string>> | undefined => {
  const greedy = isGreedy(segments.at(-1));
  if (greedy ? parts.length < segments.length : parts.length !== segments.length) return undefined;
  const found: Record<string, string> = {};
  for (const [i, segment] of segments.entries()) {
    const part = isGreedy(segment) ? parts.slice(i).join('/') : (parts[i] ?? '');
    if (!isVariable(segment)) {
      if (decodeURIComponent(part) !== segment) return undefined;
    } else if (part === '') {
      return undefined;
    } else {
      found[segment.replace(/^\{|\+?\}$/g, '')] = decodeURIComponent(part);
    }
  }
  return found;
};
