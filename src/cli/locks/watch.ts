import { printableJson } from '../../printable';
import { EXIT, type ExitCode } from '../io';
import type { LocksContext } from './context';
import { entryOf, type LockEntry } from './lock-entry';
import { nameOf } from './name';
import { renderChange } from './render';

/** How the lock is, and a line for each change. */
export const watchCommand = async ({ args, locks, world: { clock, interruption }, print }: LocksContext<'watch'>): Promise<ExitCode> => {
  const name = nameOf(args);
  let last: string | undefined;
  const tell = (entry: LockEntry): void => {
    const { state, ownerName, brokenBy, fencingToken } = entry;
    const gist = JSON.stringify([state, ownerName, brokenBy, fencingToken]);
    if (gist === last) return;
    last = gist;
    const at = new Date(clock.wall()).toISOString();
    print(args.json ? printableJson({ at, ...entry }) : renderChange(at, entry));
  };
  const { signal, end } = interruption();
  const enough = new AbortController();
  const timer = args.forMs === undefined ? undefined : clock.after(args.forMs, () => enough.abort(), { keepAlive: true });
  try {
    // A watch goes on when the table does not answer. That it has never answered must be said.
    tell(entryOf(name, await locks.inspect(args.key, name)));
    for await (const { state, view } of locks.watch(args.key, { ...name, signal: AbortSignal.any([signal, enough.signal]) })) tell(entryOf(name, view, state === 'expired'));
    return EXIT.right;
  } finally {
    timer?.cancel();
    end();
  }
};
