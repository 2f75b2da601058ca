import { formatNumber } from '../lib/format';
import { shown } from '../lib/processes';
import { atMost, medianOf, resultOf } from '../lib/result';
import { lockEntry, lockRow } from '../locks/contest';
import type { Kept } from '../locks/task';

const ID = 'locks-heartbeats';
const TITLE = 'CPU of a renewal on DynamoDB Local: one node holds 1,000 locks, leases of 10 s, renewed every 2.5 s';
const LOCKS = 1_000;
const TIMES = { leaseMs: 10_000, heartbeatMs: 2_500 };
/** Of a round: each lock is renewed once or twice. Seven rounds are half a minute. */
const ROUND_MS = 4_000;

const entries = [lockEntry('ours', TIMES), lockEntry('dh', TIMES), lockEntry('fail-open', TIMES), lockEntry('plain', TIMES)];

const sum = (kept: readonly Kept[], what: 'count' | 'ms' | 'cpuUs'): number => kept.reduce((total, one) => total + one[what], 0);
const most = (kept: readonly Kept[], what: 'oldest' | 'lost'): number => Math.max(...kept.map((one) => one[what]));

/** One after the other, each with all of its rounds: locks that others hold meanwhile would keep the engine busy. */
export const locksHeartbeats = lockRow({ id: ID, title: TITLE, entries }, async (contestants, { rounds, progress }, troubles) => {
  const all = new Map<string, Kept[]>();
  for (const { entry: { name }, run } of contestants) {
    progress.say(`${ID}: ${name} acquires`);
    await run({ kind: 'take', keys: Array.from({ length: LOCKS }, (_, i) => `lock-${i}`) });
    await run({ kind: 'keep', ms: TIMES.heartbeatMs });
    for (let round = 0; round < rounds; round++) {
      progress.say(`${ID}: round ${round + 1} of ${rounds}, ${name}`);
      const kept = await run({ kind: 'keep', ms: ROUND_MS });
      if (kept) all.set(name, [...all.get(name) ?? [], kept]);
    }
    await run({ kind: 'give' });
  }
  const noteOf = (name: string): string | undefined => {
    const kept = all.get(name);
    return troubles.get(name) ?? (kept && `${formatNumber((1_000 * sum(kept, 'count')) / sum(kept, 'ms'))} renewals/s, the latest after ${formatNumber(100 * most(kept, 'oldest'))} % of its lease, ${most(kept, 'lost')} lost`);
  };
  const figures = contestants.map(({ entry }) => shown(entry, all.get(entry.name)?.map(({ cpuUs, count }) => cpuUs / count), noteOf(entry.name)));
  const ours = all.get('ours') ?? [];
  return resultOf({
    id: ID, title: TITLE, unit: 'us', figures,
    main: { ours: 'ours', peer: 'dh', limit: 'plain' },
    ratio: { value: medianOf(figures, 'dh') / medianOf(figures, 'ours'), of: 'peer / ours' },
    conditions: [atMost('locks lost', most(ours, 'lost'), 0), atMost('share of a lease, the latest renewal', most(ours, 'oldest'), 0.5)],
    notes: [`ours / hand-written: ${formatNumber(medianOf(figures, 'ours') / medianOf(figures, 'plain'))}`],
  });
});
