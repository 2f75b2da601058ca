import { formatNumber } from '../lib/format';
import { shown } from '../lib/processes';
import { medianOf, resultOf } from '../lib/result';
import { lockEntry, lockRow, type LockContestant, type LockEntry } from '../locks/contest';
import type { LockSideName } from '../locks/sides';
import type { HandOvers } from '../locks/task';

const ID = 'locks-handover';
const TITLE = 'From a release to the next grant, where others wait for the lock: leases of 3 s, 2 and 8 nodes';
const TIMES = { leaseMs: 3_000, heartbeatMs: 750 };
/** Handed over at once, each with nodes of its own. */
const LOCKS = 4;
const NODES = [2, 8];
const POLL_MS = 100;

const entriesOf = (side: LockSideName, says: string, poll?: number): readonly LockEntry[] => NODES.map((nodes) =>
  lockEntry(side, { ...TIMES, ...(poll !== undefined && { pollMs: poll }) }, { name: `${side}${poll === undefined ? '' : '-quick'}-${nodes}`, says: `${says}: ${nodes} nodes` }));

/** They wait for seconds and hardly send anything, so that all of them may do so at the same time. */
const unhurried = [...entriesOf('ours', ', as it comes'), ...entriesOf('dh', ', as it comes'), ...entriesOf('fail-open', ', as it comes')];
const quick = [...entriesOf('ours', ', looks every 100 ms', POLL_MS), ...entriesOf('dh', ', trusts clocks, looks every 100 ms', POLL_MS), ...entriesOf('fail-closed', ', no lease, looks every 100 ms', POLL_MS)];
const entries = [...unhurried, ...quick];

const nodesOf = ({ name }: LockEntry): number => Number(/\d+$/.exec(name)?.[0]);

export const locksHandOver = lockRow({ id: ID, title: TITLE, entries }, async (contestants, { rounds, progress }, troubles) => {
  const all = new Map<string, HandOvers[]>();
  const run = async ({ entry, run: send }: LockContestant, round: number): Promise<void> => {
    const handOvers = await send({ kind: 'hand-over', nodes: nodesOf(entry), keys: Array.from({ length: LOCKS }, (_, i) => `lock-${i}`) });
    if (handOvers && round >= 0) all.set(entry.name, [...all.get(entry.name) ?? [], handOvers]);
  };
  // The first one opens the sockets.
  for (let round = -1; round < rounds; round++) {
    progress.say(`${ID}: ${round < 0 ? 'warm-up' : `round ${round + 1} of ${rounds}`}`);
    const [together, oneByOne] = [contestants.slice(0, unhurried.length), contestants.slice(unhurried.length)];
    await Promise.all(together.map((one) => run(one, round)));
    for (const one of oneByOne) await run(one, round);
  }
  const requestsPerSecond = (name: string): number => {
    const of = all.get(name) ?? [];
    return of.reduce((sum, { requests }) => sum + requests, 0) / of.reduce((sum, { waitedSeconds }) => sum + waitedSeconds, 0);
  };
  const figures = contestants.map(({ entry }) => {
    const { name } = entry;
    return shown(entry, all.get(name)?.flatMap(({ ms }) => ms), troubles.get(name) ?? `${formatNumber(requestsPerSecond(name))} requests/s of each that waits`);
  });
  const times = (a: string, b: string): number => medianOf(figures, a) / medianOf(figures, b);
  return resultOf({
    id: ID, title: TITLE, unit: 'ms', figures,
    main: { ours: 'ours-2', peer: 'dh-2' },
    ratio: { value: times('dh-2', 'ours-2'), of: 'peer / ours, as they come, 2 nodes' },
    notes: [
      `peer / ours, as they come, 8 nodes: ${formatNumber(times('dh-8', 'ours-8'))}`,
      `peer / ours, looks every 100 ms: ${formatNumber(times('dh-quick-2', 'ours-quick-2'))} with 2 nodes, ${formatNumber(times('dh-quick-8', 'ours-quick-8'))} with 8`,
    ],
  });
});
