import { OplockStreamError } from '../../errors';
import { quote } from '../../found';
import { CommandError } from '../errors';

/** What the router reads of an event. */
export interface Target {
  readonly routeKey: string;
  readonly method: string;
  /** Without the stage. */
  readonly path: string;
  /** As API Gateway has found them. */
  readonly params: Readonly<Record<string, string | undefined>> | undefined;
}

export interface Match<H> {
  readonly route: H;
  readonly params: Readonly<Record<string, string>>;
}

interface Compiled<H> {
  readonly key: string;
  readonly method: string;
  readonly path: RegExp | undefined;
  readonly route: H;
}

/**
 * Finds the route of a request. API Gateway has done it already when its own routes are named as ours; behind one
 * catch-all (`$default`, or a function URL) it is done here: fixed segments before `{names}`, these before `{rest+}`.
 *
 * Throws `NOT_FOUND` (404), `METHOD_NOT_ALLOWED` (405, `details.allow`) when the path is there for other methods.
 */
export const createRouter = <H>(routes: Readonly<Record<string, H>>): ((target: Target) => Match<H>) => {
  const compiled = Object.entries(routes).map(([key, route]) => compile(key, route)).sort((a, b) => (rank(a.key) < rank(b.key) ? -1 : 1));
  const byKey = new Map(compiled.map((one) => [one.key, one]));
  return (target) => {
    const named = target.routeKey === '$default' ? undefined : byKey.get(target.routeKey);
    if (named) return { route: named.route, params: present(target.params ?? {}) };
    const found = compiled.flatMap((one) => {
      const match = one.path?.exec(target.path);
      return match ? [{ ...one, params: decoded(match.groups ?? {}) }] : [];
    });
    const method = (wanted: string) => found.find((one) => one.method === wanted);
    const best = method(target.method) ?? (target.method === 'HEAD' ? method('GET') : undefined) ?? method('ANY');
    if (best) return best;
    const rest = byKey.get('$default');
    if (rest) return { route: rest.route, params: present(target.params ?? {}) };
    if (found.length === 0) throw new CommandError('NOT_FOUND', 404, 'there is nothing at this path');
    const allow = [...new Set(found.flatMap((one) => (one.method === 'GET' ? ['GET', 'HEAD'] : one.method)))].sort().join(', ');
    throw new CommandError('METHOD_NOT_ALLOWED', 405, `this path takes ${allow}`, { details: { allow } });
  };
};

const KEY = /^([A-Z]+) (\/\S*)$/;

const compile = <H>(key: string, route: H): Compiled<H> => {
  if (key === '$default') return { key, method: '', path: undefined, route };
  const [, method, path] = KEY.exec(key) ?? [];
  if (method === undefined || path === undefined) throw new OplockStreamError('INVALID_OPTION', `httpApi: found the route ${quote(key)}, which is no route key. Write 'PUT /seats/{id}' or '$default'`);
  return { key, method, path: new RegExp(`^${path.split('/').map(segment).join('/')}/?$`), route };
};

/** `{id}` is one segment, `{rest+}` one or more. */
const segment = (text: string): string => {
  const [, name, greedy] = /^\{([A-Za-z_]\w*)(\+)?\}$/.exec(text) ?? [];
  if (name !== undefined) return `(?<${name}>${greedy ? '.+' : '[^/]+'})`;
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
};

const rank = (key: string): string => key.replace(/\{\w+\+\}/g, '~~').replace(/\{\w+\}/g, '~');

const present = (params: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(params).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

const decoded = (groups: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decode(value)]));

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // API Gateway had decoded it, and what is left has a percent sign of its own
  }
};
