import { DeadlineError, withRetry } from '../../src/retry';
import { createDeadline } from '../../src/ledger/deadline';

const unlimited = { remaining: () => Infinity, signal: new AbortController().signal };
const throttled = (): Error => Object.assign(new Error('slow'), { name: 'ThrottlingException' });

describe('withRetry', () => {
  it('tries again after a transient error, as often as it may', async () => {
    let tries = 0;
    const attempt = async () => {
      tries += 1;
      if (tries < 3) throw throttled();
      return 'done';
    };
    expect(await withRetry(attempt, unlimited, { baseMs: 1 })).toBe('done');
    tries = -10;
    await expect(withRetry(attempt, unlimited, { baseMs: 1, maxAttempts: 4 })).rejects.toThrow('slow');
    expect(tries).toBe(-6);
  });

  it('does not repeat what cannot succeed', async () => {
    let tries = 0;
    await expect(withRetry(async () => { tries += 1; throw new TypeError('no'); }, unlimited)).rejects.toThrow('no');
    expect(tries).toBe(1);
  });

  it('does not wait for longer than the time that is left', async () => {
    const waits = withRetry(async () => { throw throttled(); }, { ...unlimited, remaining: () => 10 }, { baseMs: 1000, random: () => 0.5 });
    await expect(waits).rejects.toThrow('slow');
  });

  it('asks nothing when there is no time', async () => {
    const attempt = jest.fn(async () => {});
    await expect(withRetry(attempt, { ...unlimited, remaining: () => 0 })).rejects.toBeInstanceOf(DeadlineError);
    expect(attempt).not.toHaveBeenCalled();
  });

  it('gives up a request that hangs when the time is up', async () => {
    const start = Date.now();
    const deadline = createDeadline({ getRemainingTimeInMillis: () => 50 - (Date.now() - start) });
    await expect(withRetry(() => new Promise(() => {}), deadline)).rejects.toBeInstanceOf(DeadlineError);
    deadline.close();
  });
});

describe('the deadline', () => {
  it('keeps a margin, and a reserve in it for publishing faults', () => {
    const deadline = createDeadline({ getRemainingTimeInMillis: () => 60_000 });
    expect(deadline.remaining()).toBe(58_000);
    expect(deadline.reserve().remaining()).toBe(59_500);
    deadline.close();
  });

  it('is far away without a Lambda context', () => {
    expect(createDeadline(undefined).remaining()).toBe(Infinity);
    expect(createDeadline({}).reserve().remaining()).toBe(Infinity);
  });
});
