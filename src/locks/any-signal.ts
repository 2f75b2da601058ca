/**
 * A signal that aborts with the first of others, and its reason; `end` when nobody needs it any more, so that a signal that
 * lives long does not keep what is over. (`AbortSignal.any` is not in every Node 20, and leaks in some.)
 */
export const anySignal = (...signals: readonly (AbortSignal | undefined)[]): { readonly signal: AbortSignal; readonly end: () => void } => {
  const controller = new AbortController();
  const listeners = signals.flatMap((signal) => {
    if (!signal) return [];
    const abort = () => controller.abort(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    return [() => signal.removeEventListener('abort', abort)];
  });
  return { signal: controller.signal, end: () => { for (const remove of listeners) remove(); } };
};
