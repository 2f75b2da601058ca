import type { Call } from '../../../../bench/locks/recorder';
import { followLeases } from '../../../../bench/locks/renewals';

const call = (key: string, sentAt: number, answeredAt: number, ok = true): Call => ({ op: 'UpdateCommand', key, sentAt, answeredAt, ok, requests: 1 });
const since = new Map([['a', 0], ['b', 100]]);

describe('leases that the bench follows', () => {
  it('count from the sending of a write to the answer of the next', () => {
    const { since: next, ...renewals } = followLeases(since, [call('b', 350, 360), call('a', 300, 450)], { leaseMs: 1_000, endMs: 600 });
    expect(renewals).toEqual({ count: 2, oldest: 0.45, lost: 0 });
    expect([...next]).toEqual([['a', 300], ['b', 350]]);
  });

  it('go on from where they were', () => {
    const { since: next } = followLeases(since, [call('a', 300, 310)], { leaseMs: 1_000, endMs: 600 });
    expect(followLeases(next, [], { leaseMs: 1_000, endMs: 900 })).toMatchObject({ count: 0, oldest: 0.8, lost: 0 });
  });

  it('are lost when they run out, whether a renewal comes later or not at all', () => {
    expect(followLeases(since, [call('a', 900, 1_001)], { leaseMs: 1_000, endMs: 1_001 })).toMatchObject({ lost: 1 });
    expect(followLeases(since, [call('a', 900, 1_000)], { leaseMs: 1_000, endMs: 1_101 })).toMatchObject({ lost: 1 });
    expect(followLeases(since, [call('a', 900, 1_000)], { leaseMs: 1_000, endMs: 1_100 })).toMatchObject({ lost: 0, oldest: 1 });
  });

  it('are lost when a renewal is refused, which is none', () => {
    expect(followLeases(since, [call('a', 200, 210, false), call('b', 200, 210)], { leaseMs: 1_000, endMs: 600 })).toMatchObject({ count: 1, lost: 1, oldest: 0.6 });
  });

  it('leave out what is of no lock that is held', () => {
    expect(followLeases(since, [call('c', 0, 5_000)], { leaseMs: 1_000, endMs: 600 })).toMatchObject({ count: 0, lost: 0 });
  });
});
