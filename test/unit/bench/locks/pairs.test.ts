import type { Locker } from '../../../../bench/locks/locker';
import { measurePairs } from '../../../../bench/locks/pairs';
import type { Call } from '../../../../bench/locks/recorder';

const call = (op: string, key: string, requests: number): Call => ({ op, key, requests, sentAt: 0, answeredAt: 0, ok: true });

describe('pairs of acquire and release', () => {
  it('come one after the other, their requests are told apart, and nothing from before counts', async () => {
    const calls: Call[] = [call('Put', 'before', 1)];
    const steps: string[] = [];
    const locker: Locker = {
      acquire: async (key) => {
        steps.push(`+${key}`);
        calls.push(call('Get', key, 1), call('Put', key, 2));
        return { release: async () => { steps.push(`-${key}`); calls.push(call('Delete', key, 1)); } };
      },
    };
    expect(await measurePairs(locker, calls, ['a', 'b'])).toEqual({ ms: [expect.any(Number), expect.any(Number)], acquiring: 6, releasing: 2 });
    expect(steps).toEqual(['+a', '-a', '+b', '-b']);
  });
});
