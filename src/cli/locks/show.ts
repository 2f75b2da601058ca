import { printableJson } from '../../printable';
import { EXIT, type ExitCode } from '../io';
import type { LocksContext } from './context';
import { entryOf, isTaken } from './lock-entry';
import { nameOf, nobodyHolds } from './name';
import { renderEntry } from './render';

/** One lock, and all that its row says. */
export const showCommand = async ({ args, locks, print }: LocksContext<'show'>): Promise<ExitCode> => {
  const name = nameOf(args);
  const entry = entryOf(name, await locks.inspect(args.key, name));
  if (args.json) print(printableJson(entry));
  else print(entry.state === 'free' ? nobodyHolds(args) : renderEntry(entry));
  return isTaken(entry) ? EXIT.right : EXIT.mismatch;
};
