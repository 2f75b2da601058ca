import { createHash, timingSafeEqual } from 'node:crypto';
import { OplockStreamError } from '../../errors';
import { consoleLogger, type Logger } from '../../logger';
import type { RestRequest } from './http';

/** Who asks. */
export interface Principal {
  /** In the row, before the owner: 1 to 64 of the characters A-Z a-z 0-9 . _ ~ -. */
  readonly id: string;
  /** An admin may break locks. Default `user`. */
  readonly role?: 'user' | 'admin';
  /** Names of locks begin with one of these. Default: all are allowed. */
  readonly prefixes?: readonly string[];
}

/** Whoever it is may not. */
export interface Refusal {
  readonly refused: 401 | 403;
  /** Shown to the client. */
  readonly detail?: string;
}

/** Decides who asks, for each request to a lock. What it throws is a 500. */
export type Authorizer = (request: RestRequest) => Principal | Refusal | Promise<Principal | Refusal>;

/** One key; only its hash is kept. */
export interface ApiKey extends Principal {
  /** Of the key, in hex: `hashKey(key)`. Keys are long and random, so that one round of hashing is enough. */
  readonly sha256: string;
}

const PRINCIPAL = /^[A-Za-z0-9._~-]{1,64}$/;

export const isPrincipalId = (id: unknown): id is string => typeof id === 'string' && PRINCIPAL.test(id);

const digest = (key: string): Buffer => createHash('sha256').update(key).digest();

export const hashKey = (key: string): string => digest(key).toString('hex');

const invalid = (problem: string): OplockStreamError => new OplockStreamError('INVALID_OPTION', `apiKeys(): ${problem}`);

const checked = (key: ApiKey, at: number): Principal & { readonly hash: Buffer } => {
  const { id, role = 'user', prefixes, sha256 } = (key ?? {}) as Partial<ApiKey>;
  if (!isPrincipalId(id)) throw invalid(`key ${at} has an id that is not 1 to 64 of the characters A-Z a-z 0-9 . _ ~ -`);
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/i.test(sha256)) throw invalid(`the key of ${id} has no sha256 of 64 hex digits: make it with hashKey(key)`);
  if (role !== 'user' && role !== 'admin') throw invalid(`the key of ${id} has a role that is neither user nor admin`);
  if (prefixes !== undefined && !(Array.isArray(prefixes) && prefixes.every((one) => typeof one === 'string'))) throw invalid(`the key of ${id} has prefixes that are no list of texts`);
  return { id, role, ...(prefixes && { prefixes }), hash: Buffer.from(sha256, 'hex') };
};

/**
 * Takes `Authorization: Bearer <key>`. `keys`: a list, or its JSON, from an environment variable for instance. Several keys
 * may have one id, so that a new one can be handed out before the old one ends.
 *
 * Throws `INVALID_OPTION` without keys: there are no anonymous locks.
 */
export const apiKeys = (keys: readonly ApiKey[] | string | undefined): Authorizer => {
  const list = typeof keys === 'string' ? parse(keys) : keys;
  if (!Array.isArray(list) || list.length === 0) throw invalid('there are no keys, and no lock without one. Give a list of { id, sha256, role?, prefixes? }');
  const known = (list as readonly ApiKey[]).map(checked);
  return ({ headers }) => {
    const [, key] = /^Bearer +(\S+)\s*$/i.exec(headers['authorization'] ?? '') ?? [];
    if (key === undefined) return { refused: 401, detail: 'send a key: Authorization: Bearer <key>' };
    const hash = digest(key);
    // All are compared, whichever is it, so that the time says nothing.
    const [found] = known.filter((one) => timingSafeEqual(one.hash, hash));
    if (!found) return { refused: 401, detail: 'the key is not known' };
    const { hash: _, ...principal } = found;
    return principal;
  };
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalid('the text is not JSON: give a list of { id, sha256, role?, prefixes? }');
  }
};

/** Everybody may do everything, and break everybody's locks: for a machine of your own. Says so in the log. */
export const allowAnyone = ({ logger = consoleLogger }: { readonly logger?: Logger } = {}): Authorizer => {
  logger.warn('oplock-stream: the lock service takes requests without a key, from anybody (allowAnyone)');
  return () => ({ id: 'anyone', role: 'admin' });
};

/** A principal who may use this name. */
export const mayUse = ({ prefixes }: Principal, name: string): boolean => prefixes === undefined || prefixes.some((prefix) => name.startsWith(prefix));
