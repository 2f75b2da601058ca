import { OplockStreamError } from '../errors';
import type { Item, Key, Refused } from './result';
import type { Expected, Version } from './version';

/** An error of a command, with the HTTP status that tells a client about it. Recognise it by `code`. */
export class CommandError extends OplockStreamError {
  override readonly name: string = 'CommandError';
  readonly statusCode: number;

  constructor(code: string, statusCode: number, message: string, options: { cause?: unknown; details?: Record<string, unknown> } = {}) {
    super(code, message, options);
    this.statusCode = statusCode;
  }
}

/** Somebody else was faster: `current` is what they left, without another read. Code `OPLOCK_CONFLICT`, status 412. */
export class OplockConflictError<T extends object = Record<string, unknown>> extends CommandError {
  override readonly name: string = 'OplockConflictError';
  readonly key: Key;
  readonly expected: Expected;
  readonly current: Item<T>;
  /** The version of `current`. */
  readonly version: Version | undefined;
  readonly attempts: number;
  /** See {@link Refused}. */
  readonly uncertain: boolean;

  constructor({ key, expected, current, version, attempts, uncertain }: Extract<Refused<T>, { kind: 'conflict' }>) {
    super('OPLOCK_CONFLICT', 412, `the item ${keyText(key)} has changed: expected version ${String(expected)}, found ${String(version)}. Read it again and decide again`);
    this.key = key;
    this.expected = expected;
    this.current = current;
    this.version = version;
    this.attempts = attempts;
    this.uncertain = uncertain ?? false;
  }
}

/** Code `ITEM_MISSING`, status 404. */
export class ItemMissingError extends CommandError {
  override readonly name: string = 'ItemMissingError';
  readonly key: Key;
  /** See {@link Refused}. */
  readonly uncertain: boolean;

  constructor({ key, uncertain }: Extract<Refused, { kind: 'missing' }>) {
    super('ITEM_MISSING', 404, `there is no item ${keyText(key)}`);
    this.key = key;
    this.uncertain = uncertain ?? false;
  }
}

/** Code `ITEM_EXISTS`, status 409; 412 when the request said `If-None-Match: *`. */
export class ItemExistsError<T extends object = Record<string, unknown>> extends CommandError {
  override readonly name: string = 'ItemExistsError';
  readonly key: Key;
  readonly current: Item<T>;
  readonly version: Version | undefined;
  /** See {@link Refused}. */
  readonly uncertain: boolean;

  constructor({ key, current, version, uncertain }: Extract<Refused<T>, { kind: 'alreadyExists' }>) {
    super('ITEM_EXISTS', 409, `there is an item ${keyText(key)} already`);
    this.key = key;
    this.current = current;
    this.version = version;
    this.uncertain = uncertain ?? false;
  }
}

/** The key as a person would name it. */
const keyText = (key: Key): string => Object.values(key).map(String).join(' / ');
