import { OplockStreamError } from '../../errors';
import { printableJson } from '../../printable';
import { EXIT, type ExitCode } from '../io';
import type { LocksContext } from './context';
import { entryOf, isTaken } from './lock-entry';
import { nameOf, nobodyHolds } from './name';
import { shown } from './printable';
import { describeName, duration } from './render';

/** Takes the lock away from its holder. Throws an error with the code `NOT_CONFIRMED` that says who that is, without `--yes`. */
export const breakCommand = async ({ args, locks, world: { clock }, print }: LocksContext<'break'>): Promise<ExitCode> => {
  const name = nameOf(args);
  const before = entryOf(name, await locks.inspect(args.key, name));
  if (isTaken(before) && !args.yes) throw new OplockStreamError('NOT_CONFIRMED', before.brokenBy === undefined
    ? `nothing is done. ${shown(before.ownerName ?? '')} holds ${describeName(name)}, with a lease of ${duration(before.leaseMs ?? 0)}. To take it away, say the same with --yes`
    : `nothing is done. ${describeName(name)} was taken away from ${shown(before.ownerName ?? '')} already, by ${shown(before.brokenBy)}. To see when it is free, say the same with --yes`);
  const broken = isTaken(before) ? await locks.break(args.key, name) : undefined;
  if (!broken) {
    print(args.json ? printableJson({ ...name, broken: false }) : nobodyHolds(args));
    return EXIT.mismatch;
  }
  const { ownerName, retryAfterMs } = broken;
  const freeAt = new Date(clock.wall() + retryAfterMs).toISOString();
  if (args.json) print(printableJson({ ...name, broken: true, ownerName, retryAfterMs, freeAt }));
  else print([
    before.brokenBy === undefined
      ? `${describeName(name)} is taken away from ${shown(ownerName)}, whose renewals and guarded writes are refused from now on.`
      : `${describeName(name)} was taken away from ${shown(ownerName)} already, by ${shown(before.brokenBy)}.`,
    `The lease may be believed in for up to ${duration(retryAfterMs)} more: it is free by ${freeAt}, for whoever waits for it now.`,
  ].join('\n'));
  return EXIT.right;
};
