import type { Bindings } from '../../../../oplock/condition/ast';
import { invalid } from '../fault';
import { decodeMap } from '../value/decode';
import type { Compiled } from './compile';

export interface Placeholders {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: unknown;
}

/** Every placeholder must be given, and every given one used by one of the expressions. */
export const bind = (input: Placeholders, ...expressions: readonly (Compiled<unknown> | undefined)[]): Bindings => {
  const names = input.ExpressionAttributeNames ?? undefined;
  const values = input.ExpressionAttributeValues === undefined || input.ExpressionAttributeValues === null ? undefined : decodeMap(input.ExpressionAttributeValues);
  check('ExpressionAttributeNames', names, expressions.map((one) => one?.names ?? []));
  check('ExpressionAttributeValues', values, expressions.map((one) => one?.values ?? []));
  for (const name in names) {
    const bound = names[name];
    if (typeof bound !== 'string' || bound === '') throw invalid(`ExpressionAttributeNames contains invalid value for ${name}`);
  }
  return { names, values };
};

const check = (what: string, given: Readonly<Record<string, unknown>> | undefined, needed: readonly (readonly string[])[]): void => {
  const [only, ...more] = needed.filter((one) => one.length > 0);
  const all = more.length === 0 ? only ?? [] : [...new Set(needed.flat())];
  const keys = given ? Object.keys(given) : [];
  if (given && keys.length === 0) throw invalid(`${what} must not be empty`);
  for (const name of all) {
    if (!given || !Object.hasOwn(given, name)) throw invalid(`An expression uses ${name}, which is not defined in ${what}`);
  }
  if (keys.length > all.length) throw invalid(`Value provided in ${what} unused in expressions: ${keys.filter((name) => !all.includes(name)).join(', ')}`);
};
