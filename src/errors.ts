const BRAND = Symbol.for('oplock-stream.error');

/**
 * Base of every error that the toolkit raises. `code` is what programs test; the message is for people and
 * says what to do next. Recognise it with {@link isOplockStreamError}: `instanceof` is false when an
 * application has loaded both the ESM and the CommonJS build.
 */
export class OplockStreamError extends Error {
  readonly code: string;
  /** Facts for logs and fault events; never the payload of an event. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: { cause?: unknown; details?: Record<string, unknown> } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    // Bundlers shorten the names of classes; what faults and logs show must not change with them.
    this.name = new.target === OplockStreamError ? 'OplockStreamError' : new.target.name;
    this.code = code;
    this.details = options.details ?? {};
    Object.defineProperty(this, BRAND, { value: true });
  }
}

export const isOplockStreamError = (error: unknown): error is OplockStreamError =>
  typeof error === 'object' && error !== null && (error as { [BRAND]?: boolean })[BRAND] === true;
