import type { Logger } from '../logger';
import type { Settled } from '../settled';

/**
 * Tells an operator why an invocation asks for records again: one warning for each reason, pipeline and error.
 * Names and codes only: a message may quote the payload.
 */
export const logRetries = (settled: readonly Settled[], logger: Logger): void => {
  const found = new Map<string, Record<string, unknown> & { events: number }>();
  for (const { origin, parts } of settled) {
    for (const { pipeline, outcome } of parts) {
      if (outcome.kind !== 'retry') continue;
      const { name, code } = (outcome.error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
      const about = { reason: outcome.reason, pipeline, error: name, code };
      const key = JSON.stringify(Object.values(about).map(String));
      const known = found.get(key);
      if (known) known.events += 1;
      else found.set(key, { ...about, record: origin.identifier, events: 1 });
    }
  }
  for (const about of found.values()) logger.warn('oplock-stream: records are reported to Lambda and delivered again', about);
};
