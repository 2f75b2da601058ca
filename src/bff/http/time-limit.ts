/** What is read of a Lambda context. */
export interface TimeLeft {
  getRemainingTimeInMillis(): number;
}

const MARGIN_MS = 1000;
const MARGIN_SHARE = 0.2;
/** What a timer takes; a context made for a test may know no end. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface TimeLimit {
  /** Aborts a second before Lambda would end the function, so that there is time to answer. */
  readonly signal: AbortSignal;
  /** Half a second later: the answer is given, whatever is still under way. Rejects. */
  readonly over: Promise<never>;
  close(): void;
}

export const createTimeLimit = (context: Partial<TimeLeft> | undefined): TimeLimit => {
  const controller = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  const after = (ms: number, act: () => void): void => {
    timers.push(setTimeout(act, Math.max(0, Math.min(ms, MAX_TIMER_MS))));
  };
  const over = new Promise<never>((_resolve, reject) => {
    const left = typeof context?.getRemainingTimeInMillis === 'function' ? context.getRemainingTimeInMillis() : undefined;
    if (typeof left !== 'number' || !Number.isFinite(left)) return;
    const margin = Math.min(MARGIN_MS, left * MARGIN_SHARE);
    after(left - margin, () => controller.abort());
    after(left - margin / 2, () => reject(controller.signal.reason as Error));
  });
  over.catch(() => {}); // nobody may be waiting for it any more
  return { signal: controller.signal, over, close: () => timers.forEach((timer) => clearTimeout(timer)) };
};
