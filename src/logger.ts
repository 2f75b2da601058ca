/**
 * What the toolkit needs of a logger: `console`, Powertools' `Logger`, pino and others fit as they are.
 * Payloads are never passed to it.
 */
export interface Logger {
  debug(message: string, ...extra: Record<string, unknown>[]): void;
  warn(message: string, ...extra: Record<string, unknown>[]): void;
  error(message: string, ...extra: Record<string, unknown>[]): void;
}

/** A logger that cannot fail an invocation. */
export const safeLogger = (logger: Logger): Logger => {
  const safe = (level: keyof Logger): Logger['debug'] => (message, ...extra) => {
    try {
      logger[level](message, ...extra);
    } catch {
      // A logger that throws leaves nowhere to say so.
    }
  };
  return { debug: safe('debug'), warn: safe('warn'), error: safe('error') };
};

/** Default: warnings and errors to the console, debug to nowhere. */
export const consoleLogger: Logger = {
  debug: () => {},
  warn: (message, ...extra) => console.warn(message, ...extra),
  error: (message, ...extra) => console.error(message, ...extra),
};
